"""Ends the reading of bodies that take too long: a thread that waits for a slow client serves nobody else.

A read from a socket returns with whatever has come, and the server's reader asks again until it has enough: a client
that sends a byte now and then would hold it for ever, whatever the socket's own time-out.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition, Thread

_LOOK_SECONDS = 0.5


@dataclass(eq=False, slots=True)
class Watch:
    """One body that is being read."""

    connection: socket.socket
    deadline: float
    expired: bool = False


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
                    _end_reading(watch.connection)
            time.sleep(_LOOK_SECONDS)


def _end_reading(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RD)  # the reader sees the end of the body; the answer can still be written
    except OSError:
        return  # the client was quicker


_watchman = _Watchman()


@contextmanager
def limit(connection: socket.socket | None, seconds: float) -> Iterator[Watch | None]:
    """Reads inside end after so many seconds; then the watch says `expired`. Without a socket nothing is watched."""
    if connection is None:
        yield None
        return
    watch = Watch(connection, time.monotonic() + seconds)
    _watchman.add(watch)
    try:
        yield watch
    finally:
        _watchman.remove(watch)
