"""Bodies that are read as they come in, of any size (design §6)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest

from config.kernel import body_watch
from config.kernel.errors import BodyBrokeOff, BodyTooSlow
from config.kernel.wsgi import connection_of, has_body, is_chunked


class StreamedBody:
    """What a client is sending. Its clock runs only while it is waited for."""

    def __init__(self, request: HttpRequest, watch: body_watch.Watch) -> None:
        self._request, self._watch = request, watch
        self._left = announced_length(request)
        self._end = time.monotonic() + settings.UPLOAD_MOST_SECONDS

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end.

        Raises:
            BodyTooSlow: TRANSFER_WINDOW_SECONDS passed with less than TRANSFER_LEAST_BYTES_PER_SECOND, or
                UPLOAD_MOST_SECONDS in all.
            BodyBrokeOff: the client hung up, or sent less than it announced.
        """
        chunk = self._waited_for(size)
        self._watch.progress(len(chunk))
        if self._left is not None:
            self._left -= len(chunk)
            if not chunk and self._left > 0:
                raise BodyBrokeOff
        if time.monotonic() > self._end:
            raise BodyTooSlow(settings.UPLOAD_MOST_SECONDS)
        return chunk

    def _waited_for(self, size: int) -> bytes:
        self._watch.go_on()
        try:
            return self._request.read(size)
        except OSError as error:
            raise BodyBrokeOff from error
        finally:
            self._watch.stand_still()
            if self._watch.expired:
                raise BodyTooSlow(self._watch.seconds, self._watch.least)


def announced_length(request: HttpRequest) -> int | None:
    """The body's length in bytes as its header says; 0 without a body, None where it comes in chunks."""
    if not has_body(request.META):
        return 0
    return None if is_chunked(request.META) else int(request.META["CONTENT_LENGTH"])


@contextmanager
def streamed(request: HttpRequest) -> Iterator[StreamedBody]:
    """The request's body, watched while this block lasts."""
    watch = body_watch.transfer_watch(connection_of(request))
    watch.stand_still()
    body_watch.start(watch)
    try:
        yield StreamedBody(request, watch)
    finally:
        body_watch.stop(watch)
