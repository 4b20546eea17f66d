"""Whether this worker is to end soon: known in all of its processes, of which the system tells only the first one.

Celery's warm shutdown waits for the tasks in hand, and tells them nothing. The flag lies in memory that a worker's
processes share, since they are forked from the one that imports this.
"""

import mmap
import struct
import time

_begun_at = mmap.mmap(-1, 8)  # seconds of the machine's monotonic clock; 0: not begun


def begin() -> None:
    """From now on tasks hand over what they have not begun."""
    if not is_under_way():
        struct.pack_into("d", _begun_at, 0, time.monotonic())


def is_under_way(for_seconds: float = 0.0) -> bool:
    """Whether the end was asked for, so many seconds ago or more."""
    [begun] = struct.unpack_from("d", _begun_at, 0)
    return bool(begun) and time.monotonic() - begun >= for_seconds


def forget() -> None:
    """Not begun, as at the start: for tests."""
    struct.pack_into("d", _begun_at, 0, 0.0)
