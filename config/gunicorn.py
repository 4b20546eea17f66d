"""The production web server: threads for slow clients, a small database pool for each process."""

import os
import sys
from typing import Any

import config.env as environment
from config.kernel import connections, logs

env = environment.Reader()
env.section("The web server only", "(`config/gunicorn.py`)")

# The most that it allows: a search names a sender's reference of up to 4096 characters.
limit_request_line = 8190
worker_class = "config.gunicorn_worker.Worker"
workers = env.int("WEB_WORKERS", 2, "processes")
threads = env.int("WEB_THREADS", 32, "threads of each process")
# Its workers' signs of life are files: on a disk, one that is busy would have them killed.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
timeout = 60  # seconds without a sign of life from a worker process, not a limit on requests
graceful_timeout = 8
keepalive = 15
accesslog = None  # one line for each request comes from the kernel, without query strings
logconfig_dict = logs.configuration("INFO")  # JSON and masked, as everything else
forwarder_headers = ""  # none: a SCRIPT_NAME header would let clients steer the routing
# None: it would believe any client on this machine. Whether X-Forwarded-Proto counts is BEHIND_TLS_PROXY's to say.
secure_scheme_headers: dict[str, str] = {}
# Headers of the reference's clients fit easily; more is an attack.
limit_request_field_size = 16_384

# A pool for each process, where settings of other processes have none, and the web's limits (docs/settings.md).
raw_env = [
    f"DATABASE_POOL_SIZE={os.environ.get('DATABASE_POOL_SIZE') or connections.WEB_POOL_SIZE}",
    f"PROCESS_KIND={os.environ.get('PROCESS_KIND') or 'web'}",
]

metrics_port = env.int("METRICS_PORT", 0, environment.Elsewhere("config.settings"))
metrics_host = env.str("METRICS_HOST", "127.0.0.1", environment.Elsewhere("config.settings"))
metrics_dir = env.path(
    "METRICS_DIR",
    environment.run_dir() / "metrics",
    environment.Elsewhere("config.settings"),
    shown="`metrics` in the run folder",
)

if faults := env.faults():
    sys.exit("\n".join(faults))


def post_worker_init(worker: Any) -> None:
    """gunicorn's hook: the first process says so where the database has too few connections for all."""
    if worker.age == 1:
        connections.warn_soon("web", connections.needed_by_web())


if metrics_port:
    from config.kernel import exporter

    def on_starting(server: Any) -> None:
        """The master answers scrapes for its workers; once, whatever is loaded anew later."""
        exporter.serve_sums(metrics_host, metrics_port, metrics_dir / f"web-{metrics_port}")

    def pre_fork(server: Any, worker: Any) -> None:
        """In the master, which alone knows who is there."""
        worker.slot = exporter.first_free(other.slot for other in server.WORKERS.values())

    def post_fork(server: Any, worker: Any) -> None:
        """In the worker."""
        exporter.take_slot(worker.slot)

    def child_exit(server: Any, worker: Any) -> None:
        """In the master, however the worker has ended."""
        exporter.slot_ended(worker.slot)
