"""Bodies that are read as they come in, of any size (design §6)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest

from config.kernel import body_watch
from config.kernel.errors import BodyBrokeOff, BodyTooSlow
from config.kernel.wsgi import connection_of, has_body, is_chunked


class StreamedBody:
    """What a client is sending."""

    def __init__(self, request: HttpRequest, watch: body_watch.Watch) -> None:
        self._request, self._watch = request, watch
        self._left = announced_length(request)

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end.

        Raises:
            BodyTooSlow: TRANSFER_WINDOW_SECONDS passed with less than TRANSFER_LEAST_BYTES_PER_SECOND.
            BodyBrokeOff: the client hung up, or sent less than it announced.
        """
        try:
            # The server's reader comes back when it has all that was asked for: more than wins a window would never pass.
            chunk = self._request.read(min(size, self._watch.least))
        except OSError as error:
            self._refuse_late()
            raise BodyBrokeOff from error
        self._refuse_late()
        self._watch.progress(len(chunk))
        if self._left is not None:
            self._left -= len(chunk)
            if not chunk and self._left > 0:
                raise BodyBrokeOff
        return chunk

    def _refuse_late(self) -> None:
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
    seconds = settings.TRANSFER_WINDOW_SECONDS
    least = max(1, int(seconds * settings.TRANSFER_LEAST_BYTES_PER_SECOND))
    with body_watch.limit(connection_of(request), seconds, least) as watch:
        yield StreamedBody(request, watch)
