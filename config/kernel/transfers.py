"""How many bodies may stream at once: fewer than a process has threads, so that short requests always find one."""

from collections.abc import Callable
from threading import Lock

from django.conf import settings
from rest_framework.exceptions import APIException


class TooManyTransfers(APIException):
    """As many bodies stream as may at once; told as 503 with Retry-After."""

    status_code = 503
    default_detail = "As many files are being moved as may be at once. Nothing was stored; send again in a moment."


class Slots:
    """So many at once, and no queue: waiting would hold the thread that others need."""

    def __init__(self, most: Callable[[], int]) -> None:
        self._most, self._taken, self._lock = most, 0, Lock()

    def take(self) -> None:
        """One slot is taken until it is released.

        Raises:
            TooManyTransfers: none is free.
        """
        with self._lock:
            if self._taken >= self._most():
                raise TooManyTransfers
            self._taken += 1

    def release(self) -> None:
        """The slot is free for others."""
        with self._lock:
            self._taken -= 1

    def __enter__(self) -> None:
        self.take()

    def __exit__(self, *error: object) -> None:
        self.release()


uploads = Slots(lambda: settings.UPLOADS_AT_ONCE)
downloads = Slots(lambda: settings.DOWNLOADS_AT_ONCE)
