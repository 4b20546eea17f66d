"""The Celery application. Messages are wake-ups; the queue itself is in PostgreSQL (docs/architecture.md)."""

import os
import sys
from pathlib import PurePath
from typing import Any

from celery import Celery
from kombu.utils.objects import cached_property

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Celery reads the settings before it sends its first signal, and everything of ours imports this module: only the
# command line tells whether this is a worker. Beat, whose scrapes read the tables, must not wait for ever either.
if "celery" in PurePath(sys.argv[0]).parts and {"worker", "beat"} & set(sys.argv):
    os.environ.setdefault("PROCESS_KIND", "worker")


class Correspondence(Celery):
    """Celery, and what its two programs begin with before they import a task (config/kernel/celery_programs.py)."""

    @cached_property
    def Worker(self) -> Any:  # noqa: N802 - Celery's name
        from config.kernel import celery_programs  # noqa: PLC0415 - settings are not read to import this module

        celery_programs.begin_worker(self)
        return super().Worker

    @cached_property
    def Beat(self) -> Any:  # noqa: N802
        from config.kernel import celery_programs  # noqa: PLC0415

        celery_programs.begin_beat()
        return super().Beat


app = Correspondence("correspondence")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
