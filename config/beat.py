"""Beat, with a sign of life: it answers no question, so its health check looks at when it last turned.

python -m config.beat        # ends with 0 while it turns
"""

import sys
import time
from pathlib import Path
from typing import Any

from celery.beat import PersistentScheduler

import config.env as environment

HEARTBEAT = "beat-heartbeat"
_STALE_SECONDS = 60.0  # it turns every few seconds, for the sweep, and waits at most so long for a broker that is away


class Scheduler(PersistentScheduler):
    """Named in settings. That it turns says nothing of what its messages come to: the age of what is due does."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One turn, as Celery's own; noted when it is over."""
        pause = super().tick(*args, **kwargs)
        Path(self.schedule_filename).with_name(HEARTBEAT).touch()  # type: ignore[attr-defined]  # not in the stubs
        return pause


def silence() -> float:
    """Seconds since the beat of this run folder last turned; without an end where it never did."""
    note = environment.run_dir() / HEARTBEAT
    return time.time() - note.stat().st_mtime if note.exists() else float("inf")


if __name__ == "__main__":
    if silence() > _STALE_SECONDS:
        sys.exit(f"beat has not turned for {silence():.0f} s")
