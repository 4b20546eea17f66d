"""Spares callers a part that does not answer: after a failure one of them in a while tries it again."""

import time
from threading import Lock


class Breaker:
    """Closed at first. A failure opens it; then one caller after each pause is let through, until one succeeds."""

    def __init__(self, pause_seconds: float) -> None:
        self._pause = pause_seconds
        self._lock = Lock()
        self._next_try: float | None = None  # None: closed

    def lets_through(self) -> bool:
        """Whether this caller may try; where the breaker is open, that is one in each pause."""
        with self._lock:
            if self._next_try is None:
                return True
            if time.monotonic() < self._next_try:
                return False
            self._next_try = time.monotonic() + self._pause
            return True

    def is_open(self) -> bool:
        """Whether the last try failed."""
        return self._next_try is not None

    def failed(self) -> None:
        """The part did not answer."""
        with self._lock:
            self._next_try = time.monotonic() + self._pause

    def succeeded(self) -> None:
        """The part answered."""
        if self._next_try is not None:
            with self._lock:
                self._next_try = None
