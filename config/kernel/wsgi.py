"""A WSGI handler that reads bodies without Content-Length, and lets answers reach clients that are still sending."""

import socket
import struct
from functools import partial
from threading import BoundedSemaphore
from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from config.kernel import body_watch

_DRAIN_CHUNK = 65_536
_DRAIN_BYTES = 16 * 1024 * 1024
_DRAIN_SECONDS = 2.0
_DRAINS_AT_ONCE = 6
_AT_ONCE = struct.pack("ii", 1, 0)  # struct linger
_drains = BoundedSemaphore(_DRAINS_AT_ONCE)


class StreamingWSGIRequest(WSGIRequest):
    """Django limits a body to its Content-Length and so reads nothing of a chunked one.

    Where the server says that its input ends by itself (`wsgi.input_terminated`), it is read to its end.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        environ["wsgi.input"] = GuardedInput(environ["wsgi.input"])
        super().__init__(environ)
        if is_chunked(environ):
            self._stream = environ["wsgi.input"]

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        # Django looks the charset up and decodes `x*=` parameters: what a client made up raises past every handler.
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except (LookupError, ValueError):
            self.content_type, self.content_params = "", {}
        self._encoding = None  # UTF-8, whatever the header says


class GuardedInput:
    """The server's input, whose own errors about broken chunks become Django's word for a body that broke off."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, *size: int) -> bytes:
        """As a file's read; raises UnreadablePostError (an OSError)."""
        return self._guarded(self._stream.read, *size)

    def readline(self, *size: int) -> bytes:
        """As a file's readline; raises UnreadablePostError (an OSError)."""
        return self._guarded(self._stream.readline, *size)

    def _guarded(self, read: Any, *size: int) -> bytes:
        try:
            data: bytes = read(*size)
        except OSError:
            raise
        except Exception as error:  # the server's own family, which the kernel does not know by name
            raise UnreadablePostError(f"{type(error).__name__}: {error}") from error
        return data


class StreamingWSGIHandler(WSGIHandler):
    """Answers as Django does; then drains a bounded part of what the client is still sending.

    Closing a socket with unread bytes resets the connection, and the client never sees why it was refused.
    """

    request_class = StreamingWSGIRequest

    def get_response(self, request: HttpRequest) -> Any:
        response: Any = super().get_response(request)
        if has_body(request.META):
            response._resource_closers.append(partial(_drain, request))  # called when the answer has gone out
        return response


def is_chunked(environ: dict[str, Any]) -> bool:
    """Whether the body has no Content-Length and the server marks its end itself."""
    return bool(environ.get("wsgi.input_terminated")) and "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()


def has_body(environ: dict[str, Any]) -> bool:
    """Whether the request says that it brings a body."""
    return is_chunked(environ) or environ.get("CONTENT_LENGTH", "") not in ("", "0")


def connection_of(request: HttpRequest) -> socket.socket | None:
    """The client's connection, where the server gives it away."""
    connection: socket.socket | None = request.META.get("gunicorn.socket")
    return connection


def _drain(request: HttpRequest) -> None:
    connection = connection_of(request)
    if not _drains.acquire(blocking=False):
        if connection is not None:
            _hang_up(connection)  # each one that is drained holds a thread
        return
    try:
        _drain_some(request, connection)
    finally:
        _drains.release()


def _drain_some(request: HttpRequest, connection: socket.socket | None) -> None:
    left = _DRAIN_BYTES
    with body_watch.limit(connection, _DRAIN_SECONDS) as watch:
        try:
            while left > 0 and (chunk := request._stream.read(_DRAIN_CHUNK)):
                left -= len(chunk)
        except OSError:
            left = 0
    if connection is not None and (left <= 0 or watch.expired):
        # Else the server would go on reading, without an end, before it looks at the next request.
        _hang_up(connection)


def _hang_up(connection: socket.socket) -> None:
    try:
        # At once and for good: a client whose window we have closed could else wait for us until its own time-out.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was quicker
