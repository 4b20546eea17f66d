"""gunicorn's threaded worker, less what lets clients stop it without a token (docs/decisions/0011).

- Its main thread, which accepts every connection of the process, waits up to 2 s for each client whose connection it
  closes (gunicorn 27.0.1, `util.close_graceful` in `ThreadWorker.finish_request`): 45 clients that asked for
  `Connection: close` and kept theirs open stopped a process for 80 s. What it waits for, the rest of a refused body, is
  read by our own handler (config/kernel/wsgi.py), in a thread and within bounds.
- A thread waits 5 s for a new connection's first byte, and without an end for the rest of a head, and for a client that
  does not read its answer.
"""

import json
import socket
import struct
from contextlib import suppress
from typing import Any

import structlog
from gunicorn import util
from gunicorn.http import errors
from gunicorn.workers import gthread

from config.kernel import body_watch, problems, trace
from config.kernel.content_policy import DATA
from config.kernel.security_headers import HEADERS

_FIRST_BYTE_SECONDS = 0.05  # then the connection waits where it costs no thread
_HEAD_SECONDS = 5.0
# What gunicorn refuses before a request is there to be answered; everything else that it cannot parse is 400.
_REFUSALS: dict[type[Exception], int] = {
    errors.LimitRequestLine: 414,
    errors.LimitRequestHeaders: 431,
    errors.ExpectationFailed: 417,
    errors.UnsupportedTransferCoding: 501,
}
_UNREAD_ANSWER = struct.pack("ll", 30, 0)  # seconds without room for another byte (struct timeval)

_POLICY = "; ".join(f"{name} {' '.join(sources)}" for name, sources in DATA.items())

logger = structlog.get_logger(__name__)


class Worker(gthread.ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Named as `worker_class` in config/gunicorn.py."""

    def handle(self, conn: Any) -> Any:
        """As gunicorn's own, in bounded time; a connection that is not kept is shut; nobody waits for its end."""
        if not conn.initialized and not conn.wait_for_data(_FIRST_BYTE_SECONDS):
            return gthread._DEFER
        with suppress(OSError):  # the client was quicker, here and below
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _UNREAD_ANSWER)
        conn.head_watch = body_watch.Watch(conn.sock, _HEAD_SECONDS)
        body_watch.start(conn.head_watch)
        try:
            kept = super().handle(conn)
        finally:
            body_watch.stop(conn.head_watch)
        if kept is False:
            with suppress(OSError):
                conn.sock.shutdown(socket.SHUT_RDWR)
        return kept

    def handle_request(self, req: Any, conn: Any) -> Any:
        """The head is there: what follows has watches of its own."""
        body_watch.stop(conn.head_watch)
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """What is no request is a problem, too. Neither it nor the log repeats what was sent, as gunicorn's own do."""
        refused = isinstance(exc, errors.ParseException)
        status = _REFUSALS.get(type(exc), 400) if refused else 500  # type: ignore[arg-type]
        with trace.within(""):
            if refused:
                logger.warning("request_not_readable", status=status, fault=type(exc).__name__)
            else:
                logger.error("request_failed", exc_info=exc)
            body = json.dumps(problems.problem(status)).encode()
        fields = {
            **HEADERS,
            "Content-Security-Policy": _POLICY,
            "Cache-Control": "no-store",
            "Connection": "close",
            "Content-Type": problems.MEDIA_TYPE,
            "Content-Length": str(len(body)),
        }
        head = [f"HTTP/1.1 {status} {problems.phrase(status)}", *(f"{name}: {value}" for name, value in fields.items())]
        with suppress(OSError):  # the client was quicker
            util.write_nonblock(client, "\r\n".join([*head, "", ""]).encode("latin-1") + body)
