"""The production web server: threads for slow clients, a small database pool for each process."""

import os
from pathlib import Path
from typing import Any

from config import env
from config.kernel import logs

# The most that it allows: a search names a sender's reference of up to 4096 characters.
limit_request_line = 8190
worker_class = "config.gunicorn_worker.Worker"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "32"))
timeout = 60  # seconds without a sign of life from a worker process, not a limit on requests
graceful_timeout = 8
keepalive = 15
accesslog = None  # one line for each request comes from the kernel, without query strings
logconfig_dict = logs.configuration("INFO")  # JSON and masked, as everything else
forwarder_headers = ""  # none: a SCRIPT_NAME header would let clients steer the routing
# Headers of the reference's clients fit easily; more is an attack.
limit_request_field_size = 16_384

os.environ.setdefault("DATABASE_POOL_SIZE", "16")

_metrics_port = int(os.environ.get("METRICS_PORT", "0"))
_metrics_host = os.environ.get("METRICS_HOST", "127.0.0.1")
_metrics_dir = Path(os.environ.get("METRICS_DIR") or env.run_dir() / "metrics")

if _metrics_port:
    from config.kernel import exporter

    def on_starting(server: Any) -> None:
        """The master answers scrapes for its workers; once, whatever is loaded anew later."""
        exporter.serve_sums(_metrics_host, _metrics_port, _metrics_dir / f"web-{_metrics_port}")

    def pre_fork(server: Any, worker: Any) -> None:
        """In the master, which alone knows who is there."""
        worker.slot = exporter.first_free(other.slot for other in server.WORKERS.values())

    def post_fork(server: Any, worker: Any) -> None:
        """In the worker."""
        exporter.take_slot(worker.slot)

    def child_exit(server: Any, worker: Any) -> None:
        """In the master, however the worker has ended."""
        exporter.slot_ended(worker.slot)
