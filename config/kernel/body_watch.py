"""Ends the reading of bodies that take too long: a thread that waits for a slow client serves nobody else.

A read from a socket returns with whatever has come, and the server's reader asks again until it has enough: a client
that sends a byte now and then would hold it for ever, whatever the socket's own time-out.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Thread

_LOOK_SECONDS = 0.5


@dataclass(eq=False, slots=True)
class Watch:
    """One body that is being read, or written."""

    connection: socket.socket | None
    seconds: float
    least: int  # bytes that win another so many seconds; 0: nothing does
    how: int = socket.SHUT_RD
    expired: bool = False
    deadline: float = field(init=False)
    _passed: int = 0

    def __post_init__(self) -> None:
        self.deadline = time.monotonic() + self.seconds

    def progress(self, size: int) -> None:
        """So many bytes have passed."""
        self._passed += size
        if self.least and self._passed >= self.least:
            self._passed = 0
            self.deadline = time.monotonic() + self.seconds


class _Watchman:
    """One thread for the process; started by the first body, and anew after a fork."""

    def __init__(self) -> None:
        self._watches: set[Watch] = set()
        self._changed = Condition()
        self._thread: Thread | None = None

    def add(self, watch: Watch) -> None:
        with self._changed:
            self._watches.add(watch)
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="body-watch", daemon=True)
                self._thread.start()
            self._changed.notify()

    def remove(self, watch: Watch) -> None:
        with self._changed:
            self._watches.discard(watch)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._watches:
                    self._changed.wait()
                late = [watch for watch in self._watches if watch.deadline < time.monotonic()]
                self._watches.difference_update(late)
                for watch in late:
                    watch.expired = True
                    _end(watch)
            time.sleep(_LOOK_SECONDS)


def _end(watch: Watch) -> None:
    assert watch.connection is not None
    try:
        watch.connection.shutdown(watch.how)  # a reader sees the end of the body; the answer can still be written
    except OSError:
        return  # the client was quicker


_watchman = _Watchman()


@contextmanager
def limit(connection: socket.socket | None, seconds: float, least: int = 0) -> Iterator[Watch]:
    """Reads inside end after so many seconds; then the watch says `expired`. Without a socket nothing is watched.

    With `least`, each `progress` of so many bytes gives another so many seconds: a rate, not a deadline.
    """
    watch = Watch(connection, seconds, least)
    start(watch)
    try:
        yield watch
    finally:
        stop(watch)


def start(watch: Watch) -> None:
    """Watched from now on; for what does not end where it begins, such as an answer that streams."""
    if watch.connection is not None:
        _watchman.add(watch)


def stop(watch: Watch) -> None:
    """No longer watched."""
    _watchman.remove(watch)
