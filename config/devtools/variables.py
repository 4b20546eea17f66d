"""The variables that `make run` itself reads; those of the service are read in config/settings.py."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """One of them. `default` is what docs/settings.md shows; `computed` says that it is no text to go on with."""

    name: str
    default: str
    meaning: str
    computed: bool = False

    def get(self) -> str:
        """What it is set to, or its default; empty where that one is computed."""
        return os.environ.get(self.name) or ("" if self.computed else self.default)


PORT = Variable("PORT", "8000", "where the web server listens")
HOST = Variable("HOST", "127.0.0.1", "on which address")
BASE_URL = Variable("BASE_URL", "of these two", "the address that is printed, and asked for health", computed=True)
WORKER_CONCURRENCY = Variable("WORKER_CONCURRENCY", "2", "processes of the Celery worker")
DATABASE_URL = Variable("DATABASE_URL", "a server of its own", "where it is set, no server is started", computed=True)
REDIS_URL = Variable("REDIS_URL", "a server of its own", "the same", computed=True)

ALL = (PORT, HOST, BASE_URL, WORKER_CONCURRENCY, DATABASE_URL, REDIS_URL)
