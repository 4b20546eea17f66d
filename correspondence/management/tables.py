"""Records as lines of text for a terminal."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from config.kernel.masking import mask_person_numbers

_LONGEST = 60


def tables(records: Iterable[Any]) -> Iterator[str]:
    """A table for each run of records of one kind, its columns separated by tabs; person numbers are masked."""
    before = None
    for record in records:
        columns = [field.name for field in fields(record)]
        if record.kind != before:
            before = record.kind
            yield from ("", f"{record.kind}:", "\t".join(columns))
        yield "\t".join(readable(getattr(record, column)) for column in columns)


def aligned(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A table whose columns stand below each other, numbers to the right; person numbers are masked."""
    lines = [list(header), *([readable(value) for value in row] for row in rows)]
    numeric = [all(line[column].isdigit() for line in lines[1:]) for column in range(len(header))]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        cells = zip(line, widths, numeric, strict=True)
        yield "  ".join(text.rjust(width) if right else text.ljust(width) for text, width, right in cells).rstrip()


def readable(value: Any) -> str:
    """A value on one line, without what a terminal might obey."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case str():
            return _shortened(value)
        case Sequence():
            return ", ".join(readable(item) for item in value) or "-"
        case _:
            return str(value)


def _shortened(text: str) -> str:
    line = "".join(letter if letter.isprintable() else " " for letter in mask_person_numbers(text))
    line = " ".join(line.split())
    return f"{line[: _LONGEST - 1]}…" if len(line) > _LONGEST else line or "-"
