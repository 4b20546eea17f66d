"""A WSGI handler that reads bodies without Content-Length, and lets refusals reach clients that are still sending."""

from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest

_DRAIN_CHUNK = 65_536


class StreamingWSGIRequest(WSGIRequest):
    """Django limits a body to its Content-Length and so reads nothing of a chunked one.

    Where the server says that its input ends by itself (`wsgi.input_terminated`), it is read to its end.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        super().__init__(environ)
        if is_chunked(environ):
            self._stream = environ["wsgi.input"]


class StreamingWSGIHandler(WSGIHandler):
    """Answers as Django does; drains a bounded part of an unread body behind a refusal.

    Closing a socket with unread bytes resets the connection, and the client never sees why it was refused.
    """

    request_class = StreamingWSGIRequest

    def get_response(self, request: HttpRequest) -> Any:
        response = super().get_response(request)
        if response.status_code >= 400:
            _drain(request, limit=2 * settings.MAX_JSON_BODY_BYTES)
        return response


def is_chunked(environ: dict[str, Any]) -> bool:
    """Whether the body has no Content-Length and the server marks its end itself."""
    return bool(environ.get("wsgi.input_terminated")) and "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()


def _drain(request: HttpRequest, limit: int) -> None:
    left = limit
    try:
        while left > 0 and (chunk := request._stream.read(min(_DRAIN_CHUNK, left))):
            left -= len(chunk)
    except OSError:
        return  # the client is gone; there is nobody left to tell
