"""gunicorn's threaded worker, less its wait for clients that do not hang up (docs/decisions/0011).

Its main thread, which accepts every connection of the process, waits up to 2 s for each client whose connection it
closes (gunicorn 27.0.1, `util.close_graceful` in `ThreadWorker.finish_request`): 45 clients that asked for
`Connection: close` and kept theirs open stopped a process for 80 s. What it waits for, the rest of a refused body, is
read by our own handler (config/kernel/wsgi.py), in a thread and within bounds.
"""

import socket
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Named as `worker_class` in config/gunicorn.py."""

    def handle(self, conn: Any) -> Any:
        """As gunicorn's own; a connection that is not kept is shut, so that closing it waits for nothing."""
        kept = super().handle(conn)
        if kept is False:
            with suppress(OSError):  # the client was quicker
                conn.sock.shutdown(socket.SHUT_RDWR)
        return kept
