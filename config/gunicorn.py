"""The production web server: threads for slow clients, a small database pool for each process."""

import os
import sys
from typing import Any

import config.env as environment
from config.kernel import logs

env = environment.Reader()
env.section("The web server only", "(`config/gunicorn.py`)")

# The most that it allows: a search names a sender's reference of up to 4096 characters.
limit_request_line = 8190
worker_class = "config.gunicorn_worker.Worker"
workers = env.int("WEB_WORKERS", 2, "processes")
threads = env.int("WEB_THREADS", 32, "threads of each process")
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

# A pool for each process, where settings of other processes have none (its size also in config/kernel/connections.py),
# and the web's limits (docs/settings.md).
raw_env = [
    f"DATABASE_POOL_SIZE={os.environ.get('DATABASE_POOL_SIZE') or 16}",
    f"PROCESS_KIND={os.environ.get('PROCESS_KIND') or 'web'}",
]

if faults := env.faults():
    sys.exit("\n".join(faults))


def post_worker_init(worker: Any) -> None:
    """gunicorn's hook: the first process says so where the database has too few connections for all."""
    if worker.age == 1:
        from config.kernel import connections  # noqa: PLC0415 - settings are read in the workers only

        connections.warn_soon("web", connections.needed_by_web())
