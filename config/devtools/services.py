"""Our own three processes: web, worker, beat."""

from __future__ import annotations

import re
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from config.devtools import variables
from config.devtools.parts import Part

QUEUES = "queue,publish,sweep,maintenance,scan"
WORKER_READY = re.compile(rb"\bready\.")


class Web(Part):
    """The production web server."""

    death_signal = signal.SIGQUIT  # gunicorn takes it for "end now, with your children"

    def __init__(self, log: Path, environment: Mapping[str, str], host: str, port: int) -> None:
        super().__init__("web", log, environment)
        self.bind = f"{host}:{port}"
        self.health_url = f"{environment['BASE_URL']}/health/ready"

    def command(self) -> list[str]:
        """Run gunicorn; its control socket would be shared with every other one of this user."""
        gunicorn = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "--no-control-socket"]
        return [*gunicorn, "--bind", self.bind, "config.wsgi:application"]

    def is_ready(self) -> bool:
        """Tell whether health passes: migrated, and database and broker answer."""
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(self.health_url, timeout=5) as answer:
                return self.is_alive() and bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False


class Worker(Part):
    """One Celery worker for all queues."""

    def command(self) -> list[str]:
        """Run Celery; gossip and mingle are talk among many workers, and cost a second at the start."""
        concurrency = variables.WORKER_CONCURRENCY.get()
        options = ["--queues", QUEUES, "--concurrency", concurrency, "--loglevel", "INFO"]
        options += ["--without-gossip", "--without-mingle", "--include", "config.devtools.pool_child"]
        return [*celery("worker"), *options]

    def is_ready(self) -> bool:
        """Tell by its log, since `celery inspect ping` takes seconds."""
        return self.is_alive() and WORKER_READY.search(self.log.read_bytes()) is not None


class Beat(Part):
    """Celery's clock. Its schedule file only says what ran when; nothing is lost with it."""

    def command(self) -> list[str]:
        """Run without a pid file: one left by kill -9 would stop the next start."""
        schedule = f"{self.environment['RUN_DIR']}/beat-schedule"
        return [*celery("beat"), "--loglevel", "INFO", "--pidfile=", "--schedule", schedule]


def celery(what: str) -> list[str]:
    """Begin the command line of one of Celery's programs."""
    return [sys.executable, "-m", "celery", "-A", "config.celery", what]
