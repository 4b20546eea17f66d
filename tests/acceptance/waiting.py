"""Wait for what happens in another process, and no longer than it takes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


def until(look: Callable[[], Seen | None], seconds: float = 20.0) -> Seen:
    """What `look` answers as soon as it is true.

    Raises:
        AssertionError: it is not, though `seconds` have passed; names what was seen last.
    """
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"after {seconds:g} s still {seen!r}"
        time.sleep(0.005)
    return seen


class Stopwatch:
    """Times something that no test asserts tightly; `pytest -s` shows it."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started


def show(figure: str) -> None:
    sys.stdout.write(f"\n    {figure}\n")
