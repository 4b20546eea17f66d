"""Several callers at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")


def at_once(count: int, call: Callable[[], Answer]) -> list[Answer]:
    """What the call answers to so many threads, each with a connection of its own, that begin together."""
    start = Barrier(count)

    def run(_: int) -> Answer:
        start.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
