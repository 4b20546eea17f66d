"""A wire between us and PostgreSQL that breaks at the moment of a COMMIT: before the server hears it, or after."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

_COMMIT = b"COMMIT"


class Tap:
    """Passes bytes on, until the first COMMIT comes by."""

    def __init__(self, target: tuple[str, int], *, hears_it: bool, comes_back: bool) -> None:
        self._target, self._hears_it, self._comes_back = target, hears_it, comes_back
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.has_broken = False
        self._threads = [self._start(self._accept)]

    def close(self) -> None:
        """Nobody is taken any more, and nothing of it runs on."""
        _end(self._listener)
        for thread in self._threads:
            thread.join(10)

    def _start(self, work: Callable[..., None], *about: socket.socket) -> threading.Thread:
        thread = threading.Thread(target=work, args=about, daemon=True)
        thread.start()
        return thread

    def _accept(self) -> None:
        with self._listener, contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.has_broken and not self._comes_back:
                    client.close()
                else:
                    self._threads.append(self._start(self._pass_on, client))

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._target) as server, contextlib.suppress(OSError):
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    if not (passing := ready.recv(65536)):
                        return
                    if ready is client and not self.has_broken and _COMMIT in passing:
                        self._break(client, server, passing)
                        return
                    (server if ready is client else client).sendall(passing)

    def _break(self, client: socket.socket, server: socket.socket, commit: bytes) -> None:
        """The client is cut off only once the server is through: what it finds then is what there will be."""
        self.has_broken = True
        if self._hears_it:
            server.sendall(commit)
            server.recv(65536)
        _end(client)


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def broken_at_commit(*, hears_it: bool, comes_back: bool = True) -> Iterator[Tap]:
    """The next transaction of this thread ends without an answer to its COMMIT."""
    where: dict[str, Any] = connection.settings_dict
    kept = where["HOST"], where["PORT"]
    tap = Tap((kept[0], int(kept[1])), hears_it=hears_it, comes_back=comes_back)
    connection.close()
    where["HOST"], where["PORT"] = "127.0.0.1", str(tap.port)
    try:
        yield tap
    finally:
        connection.close()
        tap.close()
        where["HOST"], where["PORT"] = kept
