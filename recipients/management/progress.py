"""How far a command has come with a file, told on standard error."""

import os
import stat
import sys
from contextlib import suppress
from types import TracebackType
from typing import Any, BinaryIO, Self

from tqdm import tqdm

_LINES_BETWEEN = 100_000


class Progress:
    """A bar on a terminal; elsewhere a line of text for each 100,000 lines."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = _size(file)
        self._lines = 0
        self._bar = _bar(self._size) if sys.stderr.isatty() else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, *, lines: int, next_line: int) -> None:
        """So many more lines are done, and with them all before `next_line`."""
        before, self._lines = self._lines, self._lines + lines
        if self._bar is not None:
            self._bar.set_postfix_str(f"line {next_line}", refresh=False)
            self._bar.update(self._file.tell() - self._bar.n if self._size else lines)
        elif before // _LINES_BETWEEN < self._lines // _LINES_BETWEEN:
            self.say(f"Every line before line {next_line} is done.")

    def say(self, text: str) -> None:
        """A line of text; above the bar where there is one."""
        if self._bar is None:
            sys.stderr.write(f"{text}\n")
        else:
            self._bar.write(text, file=sys.stderr)


def _bar(size: int | None) -> "tqdm[Any]":
    """Of bytes where it is known how many there are, else of lines."""
    if size:
        return tqdm(total=size, unit="B", unit_scale=True, file=sys.stderr)
    return tqdm(unit=" lines", file=sys.stderr)


def _size(file: BinaryIO) -> int | None:
    """The bytes of a regular file; None of a pipe and the like."""
    with suppress(OSError):
        status = os.fstat(file.fileno())
        return status.st_size if stat.S_ISREG(status.st_mode) else None
    return None
