"""What can break, one function each: it returns when the fault is over."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime

import psycopg
import redis

from tests.acceptance.rig import SecondBeat, frozen, killed, stopped
from tests.acceptance.service import children
from tests.drill.field import Field

_BETWEEN_BLOWS_SECONDS = 0.8
_MOST_CONNECTIONS = 400
_TAKER = "drill"
_CROWD = 60  # more than the connections of both web processes

Fault = Callable[[Field, float], None]


def web_process_killed(field: Field, seconds: float) -> None:
    """SIGKILL of one process of the web server after the other, in the middle of requests."""
    _kill_children(field, "web", seconds, lambda: field.stream.in_flight > 1)


def web_server_killed(field: Field, seconds: float) -> None:
    """SIGKILL of the whole web server; the launcher starts another."""
    field.service.kill_9("web")
    time.sleep(seconds)


def worker_process_killed(field: Field, seconds: float) -> None:
    """SIGKILL of one process of the worker after the other, in the middle of batches."""
    _kill_children(field, "worker", seconds, lambda: field.books.overdue(datetime.now(UTC)) > 0)  # noqa: TID251


def worker_killed(field: Field, seconds: float) -> None:
    """SIGKILL of the worker with all its processes; the launcher starts another."""
    field.service.kill_9("worker")
    time.sleep(seconds)


def _kill_children(field: Field, part: str, seconds: float, is_at_work: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_at_work() and (found := children(field.service.pid(part))):
            with suppress(ProcessLookupError):
                os.kill(random.choice(found), signal.SIGKILL)
            time.sleep(_BETWEEN_BLOWS_SECONDS)
        time.sleep(0.001)


def broker_stopped(field: Field, seconds: float) -> None:
    """The broker ends in an orderly way and comes back."""
    with stopped(field.valkey):
        time.sleep(seconds)


def broker_killed(field: Field, seconds: float) -> None:
    """The broker is killed and comes back."""
    with killed(field.valkey):
        time.sleep(seconds)


def broker_frozen(field: Field, seconds: float) -> None:
    """The broker takes connections and says nothing."""
    with frozen(field.valkey):
        time.sleep(seconds)


def broker_flushed(field: Field, seconds: float) -> None:
    """All that the broker holds is gone, again and again."""
    deadline = time.monotonic() + seconds
    with redis.Redis.from_url(field.valkey.url) as broker:
        while time.monotonic() < deadline:
            broker.flushall()
            time.sleep(0.2)


def database_restarted(field: Field, seconds: float) -> None:
    """PostgreSQL ends in an orderly way and comes back."""
    with stopped(field.postgres):
        time.sleep(seconds)


def database_killed(field: Field, seconds: float) -> None:
    """PostgreSQL is killed in the middle of requests, three times, and recovers."""
    for _ in range(3):
        _await_requests(field)
        with killed(field.postgres):
            time.sleep(seconds / 3)


def _await_requests(field: Field) -> None:
    deadline = time.monotonic() + 2
    while field.stream.in_flight < 2 and time.monotonic() < deadline:
        time.sleep(0.001)


def database_frozen(field: Field, seconds: float) -> None:
    """PostgreSQL and each of its connections stand still."""
    with frozen(field.postgres):
        time.sleep(seconds)


def beat_stopped(field: Field, seconds: float) -> None:
    """Nobody sweeps."""
    group = field.service.pid("beat")
    os.killpg(group, signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        os.killpg(group, signal.SIGCONT)


def two_beats(field: Field, seconds: float) -> None:
    """A second beat sweeps as well."""
    beat = SecondBeat(field.service.run_dir, field.service.run_dir / "logs")
    beat.start()
    try:
        time.sleep(seconds)
    finally:
        beat.stop()


def disk_full(field: Field, seconds: float) -> None:
    """Nothing more fits under the attachments."""
    filler = field.service.disk / "filler"
    deadline = time.monotonic() + seconds
    try:
        with filler.open("wb", buffering=0) as file:
            while time.monotonic() < deadline:
                with suppress(OSError):  # which is the point
                    while True:
                        file.write(bytes(4096))
                time.sleep(0.05)
    finally:
        filler.unlink()


def pool_exhausted(field: Field, seconds: float) -> None:
    """Very many requests wait for a table, and each keeps its connection while it waits."""
    with psycopg.connect(field.postgres.url) as connection, field.stream.crowded(_CROWD):
        connection.execute("LOCK TABLE registry_resource IN ACCESS EXCLUSIVE MODE")
        time.sleep(seconds)
        connection.rollback()


def no_connection_left(field: Field, seconds: float) -> None:
    """Others have taken every connection that PostgreSQL gives."""
    with ExitStack() as taken:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(psycopg.OperationalError):  # which is the point
                for _ in range(_MOST_CONNECTIONS):
                    taken.enter_context(psycopg.connect(field.postgres.url, application_name=_TAKER))
            _end_some_backends(field)
            time.sleep(0.5)


def _end_some_backends(field: Field) -> None:
    """So that the service has to ask for new connections, and finds none."""
    field.books.rows(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE state = 'idle' AND pid <> pg_backend_pid() AND application_name <> %s AND random() < 0.1""",
        _TAKER,
    )
