"""What meets a task in the middle of its work: its time is over, or a lock that somebody keeps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from signal import ITIMER_REAL as ALARM
from signal import SIGALRM, setitimer, signal

import pytest
from django.db import connection

from config.kernel import queue

RunOutOfTime = Callable[[float], None]


@pytest.fixture
def run_out_of_time() -> Iterator[RunOutOfTime]:
    """After so many seconds the main thread is interrupted as Celery's soft limit does it."""

    def interrupt(*args: object) -> None:
        raise queue.TookTooLong

    before = signal(SIGALRM, interrupt)
    yield lambda seconds: setitimer(ALARM, seconds) and None
    setitimer(ALARM, 0)
    signal(SIGALRM, before)


@contextmanager
def table_locked(table: str, *, waits: str = "10s") -> Iterator[None]:
    """While the block lasts somebody else holds the table, and we wait for it so long each time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [waits])
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        other.rollback()
        other.close()
        connection.close()
