"""A service whose database and broker the test holds in its hand."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from config.devtools import processes, test
from config.devtools.parts import Part
from config.devtools.servers import Postgres, Server, Valkey
from config.devtools.services import celery
from tests.acceptance.service import SHELL, Service, children, running

# The sweep looks each second in place of every fifth, and mail is forgotten after 3 s in place of 10. Not much
# earlier: for a second after a failure a worker sends no wake-ups, and what a sweep then finds waits for its next look.
HASTE = {"SWEEP_EVERY_SECONDS": "1", "FORGOTTEN_AFTER_SECONDS": "3"}


@dataclass(frozen=True)
class Rig:
    """The service and its two servers."""

    service: Service
    postgres: Postgres
    valkey: Valkey


def leave_empty(postgres: Postgres, attachments: Path) -> None:
    """As a newcomer finds them."""


@contextmanager
def rigged(folder: Path, before_start: Callable[[Postgres, Path], None] = leave_empty) -> Iterator[Rig]:
    """Give a rig that is up; it ends with this block.

    `before_start` is given the database and the folder of attachments before the service starts.
    """
    with servers(folder / "servers", durable=False) as (postgres, valkey):
        before_start(postgres, folder / "run" / "attachments")
        with running(Service(folder, DATABASE_URL=postgres.url, REDIS_URL=valkey.url, **HASTE)) as service:
            yield Rig(service, postgres, valkey)


@contextmanager
def servers(folder: Path, *, durable: bool) -> Iterator[tuple[Postgres, Valkey]]:
    """Give both, which are up; they end with this block, in whatever state they are then."""
    with test.servers(folder, durable=durable) as both:
        try:
            yield both
        finally:
            for server in both:  # one that stands still hears nothing else
                if server.process is not None:
                    processes.signal_group(server.process, signal.SIGCONT)


@contextmanager
def stopped(server: Server) -> Iterator[None]:
    """Nobody listens at the server's port."""
    server.stop(patience=10)
    try:
        yield
    finally:
        server.start()


@contextmanager
def killed(server: Server) -> Iterator[None]:
    """Nobody listens at the server's port, and it had no time to say so."""
    server.kill()
    try:
        yield
    finally:
        server.start()


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """Connections stay and new ones are taken, but nothing is ever answered: SIGSTOP."""
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    pid = server.process.pid
    # PostgreSQL has a process for each connection; once their parent stands still there are no new ones.
    backends = children(pid)
    try:
        _signal(backends, signal.SIGSTOP)
        yield
    finally:
        _signal([*backends, pid], signal.SIGCONT)


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # it has ended meanwhile
            os.kill(pid, number)


@contextmanager
def replaced_by_silence(server: Server) -> Iterator[None]:
    """In the server's place somebody takes connections and says nothing."""
    with stopped(server), socket.socket() as silent:
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        silent.bind(("127.0.0.1", server.port))
        silent.listen(128)
        yield


class SecondBeat(Part):
    """Started by hand on the same servers; in a hurry, so that the two meet often."""

    def __init__(self, run_dir: Path, folder: Path) -> None:
        self._schedule = folder / "second-beat-schedule"
        where = {"RUN_DIR": str(run_dir), "SWEEP_EVERY_SECONDS": "0.2"}
        super().__init__("beat", folder / "second-beat.log", {**SHELL, **where})

    def command(self) -> list[str]:
        return [*celery("beat"), "--loglevel", "INFO", "--pidfile=", "--schedule", str(self._schedule)]
