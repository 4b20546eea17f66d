"""How much that takes long may go on at once: less than a process has threads, so that short requests find one."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock

from django.conf import settings
from rest_framework.exceptions import APIException


class TooManyTransfers(APIException):
    """As many bodies stream as may at once; told as 503 with Retry-After."""

    status_code = 503
    default_detail = "As many files are being moved as may be at once. Nothing was stored; send again in a moment."


class TooManyRenderings(APIException):
    """As many long bodies are rendered as may at once; told as 503 with Retry-After."""

    status_code = 503
    default_detail = "As many long letters are being read as may be at once. Nothing was noted; ask again in a moment."


class TooManyLogins(APIException):
    """As many passwords are checked as may at once; told as 503 with Retry-After."""

    status_code = 503
    default_detail = "As many people are logging in as may at once. Try again in a moment."


class TooManyExports(APIException):
    """As many lists are exported as may at once; told as 503 with Retry-After."""

    status_code = 503
    default_detail = "As many lists are being exported as may be at once. Try again in a moment."


class Slots:
    """So many at once, and no queue: waiting would hold the thread that others need. One caller gets half of them."""

    def __init__(self, most: Callable[[], int], refusal: type[APIException] = TooManyTransfers) -> None:
        self._most, self._refusal, self._taken, self._lock = most, refusal, Counter[Hashable](), Lock()

    def take(self, who: Hashable) -> None:
        """One slot is this caller's until it is released.

        Raises:
            APIException: none is free, or none for this caller; of the class that was given.
        """
        with self._lock:
            most = self._most()
            share = max(2, (most + 1) // 2)
            if self._taken.total() >= most or self._taken[who] >= share:
                raise self._refusal
            self._taken[who] += 1

    def release(self, who: Hashable) -> None:
        """The slot is free for others."""
        with self._lock:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]

    @contextmanager
    def taken(self, who: Hashable) -> Iterator[None]:
        """A slot for as long as the block lasts. Raises as `take` does."""
        self.take(who)
        try:
            yield
        finally:
            self.release(who)


uploads = Slots(lambda: settings.UPLOADS_AT_ONCE)
downloads = Slots(lambda: settings.DOWNLOADS_AT_ONCE)
renderings = Slots(lambda: max(2, settings.WEB_THREADS // 8), TooManyRenderings)
# Each is a third of a second of a processor, and a connection of the database for as long.
logins = Slots(lambda: max(2, settings.WEB_THREADS // 8), TooManyLogins)
# Each asks the database for one batch after the other, and a processor to write it down.
exports = Slots(lambda: max(2, settings.WEB_THREADS // 8), TooManyExports)
