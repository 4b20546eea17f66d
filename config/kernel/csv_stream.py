"""Lists as files of comma-separated values, streamed: memory stays flat however many rows there are.

Read by Excel as it is set up in Norway (a byte order mark, semicolons), and never run by it: what would be a formula
is text.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import StreamingHttpResponse

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # https://owasp.org/www-community/attacks/CSV_Injection
_ROWS_AT_ONCE = 2_000


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_answer(name: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A file of this name to save: the header, and the rows as they come."""
    answer = StreamingHttpResponse(_lines(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def newest_first(rows: QuerySet[Any]) -> Iterator[Any]:
    """All of the rows by descending key, fetched piece by piece: no cursor and no connection is held while a slow
    reader takes one.

    Rows that are added meanwhile are not among them.
    """
    rows, last = rows.order_by("-pk"), None
    while piece := list((rows if last is None else rows.filter(pk__lt=last))[:_ROWS_AT_ONCE]):
        if not connection.in_atomic_block:
            connection.close()  # back to the pool
        yield from piece
        last = piece[-1].pk


def _lines(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer: Any = csv.writer(_Echo(), delimiter=";")
    yield "\ufeff"
    yield writer.writerow([_cell(value) for value in header])
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULAS) else text
