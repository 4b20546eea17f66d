"""gunicorn's threaded worker, less what lets clients stop it without a token (docs/decisions/0011).

- Its main thread, which accepts every connection of the process, waits up to 2 s for each client whose connection it
  closes (gunicorn 27.0.1, `util.close_graceful` in `ThreadWorker.finish_request`): 45 clients that asked for
  `Connection: close` and kept theirs open stopped a process for 80 s. What it waits for, the rest of a refused body, is
  read by our own handler (config/kernel/wsgi.py), in a thread and within bounds.
- A thread waits 5 s for a new connection's first byte, and without an end for the rest of a head, and for a client that
  does not read its answer.
"""

import socket
import struct
from contextlib import suppress
from typing import Any

from gunicorn.workers import gthread

from config.kernel import body_watch

_FIRST_BYTE_SECONDS = 0.05  # then the connection waits where it costs no thread
_HEAD_SECONDS = 5.0
_UNREAD_ANSWER = struct.pack("ll", 30, 0)  # seconds without room for another byte (struct timeval)


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
