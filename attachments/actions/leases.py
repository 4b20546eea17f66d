"""Work that takes long says from time to time that it goes on: when its process is killed, it is taken for dead."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from threading import Event, Thread

import structlog

from config.kernel.database import PASSING, give_back

_MOST_SECONDS = 20.0

logger = structlog.get_logger(__name__)


@contextmanager
def renewed(renew: Callable[[], int], seconds: float) -> Iterator[Event]:
    """While the block lasts, `renew` is called a few times within each such lease, from a thread of its own.

    So the lease says nothing of the client, the storage or the scanner, each of which may be silent for long. `renew`
    answers how many rows it found; the event is set when there is none any more, and the work is for nobody.
    """
    done, lost = Event(), Event()
    renewing = partial(_renew_until, done, lost, renew, min(seconds / 3, _MOST_SECONDS))
    # In a copy of our context: its lines of the log carry the trace and the task.
    thread = Thread(target=copy_context().run, args=(renewing,), name="lease", daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        done.set()
        thread.join()


def _renew_until(done: Event, lost: Event, renew: Callable[[], int], pause: float) -> None:
    while not done.wait(pause):
        try:
            if renew() == 0:
                lost.set()
        except PASSING as error:
            logger.warning("lease_not_renewed", error=str(error))
        finally:
            give_back()
