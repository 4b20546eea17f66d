"""Beat, with signs of life: it answers no question, so its health check looks at when it last turned, and pages do.

python -m config.beat        # ends with 0 while it turns
"""

import socket
import sys
import time
from pathlib import Path
from typing import Any

from celery.beat import PersistentScheduler

import config.env as environment
from config.kernel import clock, life_signs
from config.kernel.life_signs import EVERY_SECONDS, Sign

HEARTBEAT = "beat-heartbeat"
_STALE_SECONDS = 60.0  # it turns every few seconds, for the sweep, and waits at most so long for a broker that is away


class Scheduler(PersistentScheduler):
    """Named in settings. That it turns says nothing of what its messages come to: the age of what is due does."""

    _name = f"beat@{socket.gethostname()}"
    _next_sign = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One turn, as Celery's own; noted when it is over."""
        pause = super().tick(*args, **kwargs)
        Path(self.schedule_filename).with_name(HEARTBEAT).touch()  # type: ignore[attr-defined]  # not in the stubs
        if time.monotonic() >= self._next_sign:
            self._next_sign = time.monotonic() + EVERY_SECONDS
            life_signs.give(Sign(self._name, "beat", clock.now()))
        return pause

    def close(self) -> None:
        """It ends in good order, and is not missed."""
        life_signs.withdraw(self._name)
        super().close()


def silence() -> float:
    """Seconds since the beat of this run folder last turned; without an end where it never did."""
    note = environment.run_dir() / HEARTBEAT
    return time.time() - note.stat().st_mtime if note.exists() else float("inf")


if __name__ == "__main__":
    if silence() > _STALE_SECONDS:
        sys.exit(f"beat has not turned for {silence():.0f} s")
