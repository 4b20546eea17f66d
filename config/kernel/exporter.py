"""Where metrics can be fetched: each group of processes has a port of its own (docs/decisions/0022).

A group is a process that only watches (gunicorn's master, Celery's main process) and children that work. Children count
into files of a folder; the watcher answers scrapes with their sums. Files are named by slots, not by process ids: a
child that replaces another goes on where that one ended, so that nothing is lost by a kill -9, and years of recycled
children leave as many files as there are slots.

Nothing of Django is imported here: gunicorn's master has none.
"""

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where prometheus_client looks for it
_WATCHER = "watcher"

_slot = _WATCHER
_server: WSGIServer | None = None


def serve_sums(host: str, port: int, folder: Path) -> None:
    """What the children of this process count is answered at the port; what is in the folder from earlier is gone.

    To be called before any module makes a metric. Ends the process with a sentence where that cannot be.
    """
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        sys.exit(f"METRICS_DIR: {folder} cannot be made: {error.strerror}.")
    os.environ[_FOLDER] = str(folder)
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: _slot)  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]
    _serve(host, port, registry)


def serve_readings(host: str, port: int, collectors: Iterable[Collector]) -> None:
    """What the collectors tell is answered at the port, and nothing else."""
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    _serve(host, port, registry)


def _serve(host: str, port: int, registry: CollectorRegistry) -> None:
    global _server  # one for the process, which its children must not keep open
    try:
        _server, _ = start_http_server(port, host, registry)
    except OSError as error:
        sys.exit(f"METRICS_PORT: {host}:{port} cannot be listened on: {error.strerror or error}.")
    os.register_at_fork(after_in_child=_leave_server)


def _leave_server() -> None:
    """A child that outlives its watcher must not hold the port."""
    if _server is not None:
        _server.socket.close()


def take_slot(name: str) -> None:
    """From here on this process, a child that has counted nothing yet, counts into the files of this slot."""
    global _slot  # noqa: PLW0603 - who this process is
    _slot = name


def slot_ended(name: str) -> None:
    """The child in this slot has ended: what it held at that moment, nobody holds any more. Its counts stay."""
    if folder := os.environ.get(_FOLDER):
        mark_process_dead(name, folder)  # type: ignore[no-untyped-call]


def first_free(taken: Iterable[str]) -> str:
    """The first slot that no child is in."""
    names = set(taken)
    return next(str(number) for number in range(len(names) + 1) if str(number) not in names)
