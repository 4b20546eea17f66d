"""For Celery's `--include`: a pool process dies with its worker, kill -9 included; by itself it would wait for ever."""

import signal
from typing import Any

from celery.signals import worker_process_init

from config.devtools.processes import follow_parent


@worker_process_init.connect
def die_with_worker(**_: Any) -> None:
    """Run in each pool process as it starts."""
    follow_parent(signal.SIGKILL)
