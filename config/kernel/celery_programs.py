"""What `celery worker` and `celery beat` begin with. Other commands of Celery's, `inspect` say, begin with nothing.

Imports that make metrics wait until it is said where these are counted.
"""

from pathlib import Path

from celery import Celery
from django.conf import settings

from config.kernel import exporter


def begin_worker(app: Celery) -> None:
    """The main process answers scrapes for its children, and says that it lives; they count tasks and trace them."""
    if settings.METRICS_PORT:
        folder = Path(settings.METRICS_DIR) / f"worker-{settings.METRICS_PORT}"
        exporter.serve_sums(settings.METRICS_HOST, settings.METRICS_PORT, folder)
    from config.kernel import task_watch, worker_signs  # noqa: PLC0415

    task_watch.connect()
    worker_signs.connect(app)


def begin_beat() -> None:
    """Beat, of which there is one, tells what is read from the tables and the broker: once, however many workers."""
    if settings.METRICS_PORT:
        from config.kernel.readings import Readings  # noqa: PLC0415

        exporter.serve_readings(settings.METRICS_HOST, settings.METRICS_PORT, [Readings()])
