"""Ends bodies and answers that take too long: a thread that waits for a slow client serves nobody else.

A read from a socket returns with whatever has come, and the server's reader asks again until it has enough: a client
that sends a byte now and then would hold it for ever, whatever the socket's own time-out. Answers wait likewise.
"""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Thread

from django.conf import settings

_LOOK_SECONDS = 0.5
# Where Linux's struct tcp_info counts what the client has confirmed, and what has come from it.
_BYTES_ACKED, _BYTES_RECEIVED = slice(120, 128), slice(128, 136)
_TCP_INFO_BYTES = _BYTES_RECEIVED.stop


class Watch:
    """One body that is being read, or one answer that is being written."""

    def __init__(
        self, connection: socket.socket | None, seconds: float, least: int = 0, *, outgoing: bool = False
    ) -> None:
        """`least` bytes win another so many seconds; with 0 nothing does."""
        self.connection, self.seconds, self.least = connection, seconds, least
        self.outgoing, self.expired = outgoing, False
        self._left: float | None = None  # of the window, while the clock stands still
        self._deadline = time.monotonic() + seconds
        self._kernel_counts = connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6)
        self._passed = self._counted = 0
        self._counted = self._count()

    def progress(self, size: int) -> None:
        """So many bytes have passed, which is news only where the kernel does not count them itself (Unix sockets)."""
        if not self._kernel_counts:
            self._add(size)

    def _add(self, size: int) -> None:
        self._passed += size
        if self.least and self._passed >= self.least:
            self._passed, self._deadline = 0, time.monotonic() + self.seconds

    def stand_still(self) -> None:
        """The clock stands still until it goes on; twice is once."""
        if self._left is None:
            self._left = max(0.0, self._deadline - time.monotonic())

    def go_on(self) -> None:
        """The clock goes on where it stood still."""
        if self._left is not None:
            self._deadline, self._left = time.monotonic() + self._left, None

    def is_late(self) -> bool:
        """Whether the window is over and too little has passed: as the kernel counts, which holds megabytes itself."""
        if self._left is not None or self._deadline >= time.monotonic():
            return False
        count = self._count()
        moved, self._counted = count - self._counted, count
        self._add(moved)
        return self._deadline < time.monotonic()

    def end(self) -> None:
        """A reader sees the end of the body, and the answer can still be written; a writer sees a broken pipe."""
        self.expired = True
        try:
            if self.connection is not None:
                self.connection.shutdown(socket.SHUT_RDWR if self.outgoing else socket.SHUT_RD)
        except OSError:
            return  # the client was quicker

    def _count(self) -> int:
        if self.connection is None or not self._kernel_counts:
            return 0
        try:
            info = self.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
        except OSError:
            return self._counted  # closed
        place = _BYTES_ACKED if self.outgoing else _BYTES_RECEIVED
        return int.from_bytes(info[place], sys.byteorder)


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
                late = [watch for watch in self._watches if watch.is_late()]
                self._watches.difference_update(late)
                for watch in late:
                    watch.end()
            time.sleep(_LOOK_SECONDS)


_watchman = _Watchman()


@contextmanager
def limit(connection: socket.socket | None, seconds: float, least: int = 0) -> Iterator[Watch]:
    """Reads inside end after so many seconds; then the watch says `expired`. Without a socket nothing is watched.

    With `least`, each window of so many seconds that brings so many bytes is followed by another: a rate, no deadline.
    """
    watch = Watch(connection, seconds, least)
    start(watch)
    try:
        yield watch
    finally:
        stop(watch)


def transfer_watch(connection: socket.socket | None, *, outgoing: bool = False) -> Watch:
    """A watch over a file that streams, at the least rate that is set; not started yet."""
    seconds = settings.TRANSFER_WINDOW_SECONDS
    least = max(1, int(seconds * settings.TRANSFER_LEAST_BYTES_PER_SECOND))
    return Watch(connection, seconds, least, outgoing=outgoing)


def start(watch: Watch) -> None:
    """Watched from now on."""
    if watch.connection is not None:
        _watchman.add(watch)


def stop(watch: Watch) -> None:
    """No longer watched."""
    _watchman.remove(watch)
