"""One table at a time, gathered cell by cell."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markdown_it.token import Token

_WIDEST_CELL = 20  # columns that one cell may span
_SIDE = re.compile(r"left|right|center")


class Table:
    """Gathers rows. What a cell holds, tables too, is a part of its text: Markdown has no blocks there."""

    def __init__(self) -> None:
        self._depth = 0  # tables inside of each other
        self._cell: Token | None = None
        self._rows: list[list[Token]] = []

    @property
    def in_cell(self) -> bool:
        """Tell whether what comes belongs to a cell."""
        return self._cell is not None

    def begin(self, tag: str, given: Mapping[str, str]) -> None:
        """Take note of the start of a table, a row or a cell."""
        if tag == "table":
            self._depth += 1
        elif self._depth > 1:
            return
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            cells = _cells(given)
            self._cell = cells[0]
            self._rows[-1] += cells

    def end(self, tag: str, content: list[Token]) -> Token | None:
        """Take note of an end; answer the table if this was it and there is anything in it.

        Args:
            tag: what ends
            content: of the cell, if a cell ends
        """
        if tag == "table":
            self._depth -= 1
        elif self._cell and self.ends_cell(tag):
            self._cell.children = content
            self._cell = None
        if self._depth:
            return None
        rows, self._rows = [Token("tr", "", 0, children=row) for row in self._rows if any(map(_filled, row))], []
        return Token("table", "", 0, children=rows) if rows else None

    def ends_cell(self, tag: str) -> bool:
        """Tell whether this end tag is that of the cell being gathered."""
        return tag in ("td", "th") and self._depth == 1


def _filled(cell: Token) -> bool:
    return bool(cell.children)


def _cells(given: Mapping[str, str]) -> list[Token]:
    """Answer as many cells as the one spans, so that those behind it keep their columns."""
    side = _SIDE.search(given.get("style") or given.get("align", ""))
    span = given.get("colspan", "")
    columns = min(int(span), _WIDEST_CELL) if span.isascii() and span.isdigit() else 1
    return [Token("td", "", 0, children=[], info=side[0] if side else "") for _ in range(columns)]
