"""Rows of a list as a file for a spreadsheet, written while they are read, a batch at a time."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import get_format
from django.utils.timezone import localtime

from config.kernel.back_office_pages import Bounds, between, edge_of
from config.kernel.masking import mask_person_numbers

BATCH = 1_000
_MARK = "\ufeff"  # by which Excel knows UTF-8
# What spreadsheets take for the beginning of a formula, the full-width forms included.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file."""

    name: Any  # in the language of who asks
    value: Callable[[Any], Any]


def cell(value: Any) -> str:
    """As it stands in the file: persons masked, moments local, and never a formula."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, int):
        return str(int(value))
    text = mask_person_numbers(str(value))
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULAS) else text


def head(columns: Sequence[Column]) -> str:
    """The mark and the names of the columns."""
    return _MARK + _lines([[cell(column.name) for column in columns]])


def lines(columns: Sequence[Column], rows: Iterable[Any]) -> str:
    """A line for each row."""
    return _lines([cell(column.value(row)) for column in columns] for row in rows)


def _lines(cells: Iterable[Sequence[str]]) -> str:
    # Where the comma is in numbers, spreadsheets look for semicolons between cells.
    separator = ";" if get_format("DECIMAL_SEPARATOR") == "," else ","
    written = io.StringIO()
    csv.writer(written, delimiter=separator).writerows(cells)
    return written.getvalue()


def batches(rows: QuerySet[Any], bounds: Bounds) -> Iterator[list[Any]]:
    """All of them, newest first, some at a time; an empty list where a while went by without any.

    No cursor is held: it would need a transaction for as long as the client takes, and the web ends those after some
    seconds (docs/decisions/0017). Each statement looks at a window of the table and no further, so that none takes
    long, however few rows the filters let through. Rows that come meanwhile are newer than where it began.
    """
    ahead = bounds
    while True:
        edge = edge_of(rows.model, ahead, newer=False)
        window = ahead if edge is None else ahead & Bounds(first=edge)
        while found := list(between(rows, window).order_by("-pk")[:BATCH]):
            yield found
            window &= Bounds(end=found[-1].pk)
            if len(found) < BATCH:
                break
        if edge is None:
            return
        yield []
        ahead &= Bounds(end=edge)
