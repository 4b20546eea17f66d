"""Bodies that are read before anything is made of them: bounded in bytes and in time."""

import time

from django.conf import settings
from django.http import HttpRequest

from config.kernel import body_watch
from config.kernel.errors import BodyBrokeOff, BodyTooLarge, BodyTooSlow
from config.kernel.wsgi import connection_of

_READ_CHUNK = 16_384
# A body that brings less in each such window holds a thread for nothing.
_WINDOW_SECONDS, _WINDOW_BYTES = 5.0, 5_000


def read(request: HttpRequest, limit: int) -> bytes:
    """All of the body.

    Raises:
        BodyTooLarge: over so many bytes; announced, or come.
        BodyTooSlow: not there after BODY_READ_SECONDS, or less than 1 kB/s for 5 seconds.
        BodyBrokeOff: it ended before its end.
    """
    announced = int(request.META.get("CONTENT_LENGTH") or 0)
    if announced > limit:
        raise BodyTooLarge(limit)
    deadline = time.monotonic() + settings.BODY_READ_SECONDS
    window = min(_WINDOW_SECONDS, settings.BODY_READ_SECONDS)
    with body_watch.limit(connection_of(request), window, _WINDOW_BYTES) as watch:
        try:
            body = _read_all(request, limit, watch, deadline)
        except OSError as error:
            raise BodyBrokeOff from error
    if watch.expired:
        raise BodyTooSlow(window, _WINDOW_BYTES)
    if len(body) < announced:
        raise BodyBrokeOff
    return body


def _read_all(request: HttpRequest, limit: int, watch: body_watch.Watch, deadline: float) -> bytes:
    parts, size = [], 0
    while chunk := request.read(_READ_CHUNK):
        watch.progress(len(chunk))
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(limit)
        if time.monotonic() > deadline:
            raise BodyTooSlow(settings.BODY_READ_SECONDS)
    return b"".join(parts)
