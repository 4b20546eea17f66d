"""A CSV file of parties, read line by line: flat memory, whatever its size and whatever is in it."""

import csv
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, BinaryIO

from config.kernel.masking import mask_person_numbers
from recipients.party_columns import COLUMNS, IDENTIFIER, BadLine, Column

FIRST_LINE = 2  # the header is line 1
# No line of a register is as long; what is longer is passed over without being held.
_MOST_BYTES = 65_536
_SEPARATORS = ",;\t"

Row = tuple[Any, ...]


class NotAPartyFile(ValueError):
    """The file's first line does not name columns as it must; the text says what is wrong with it."""


class PartyFile:
    """An open file, its header read. One line is one party: quoted texts end where they begin, so line numbers hold."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the header; the file stands at its second line afterwards.

        Raises:
            NotAPartyFile: there is none that can be used.
        """
        self._file = file
        try:
            header = _text(_line(file)).removeprefix("\N{BYTE ORDER MARK}")
            # It alone decides: names of columns hold no separators, while commas stand in many a party's name.
            self._separator = max(_SEPARATORS, key=header.count)
            self._names = [name.strip().lower() for name in _cells(header, self._separator)]
        except BadLine as fault:
            raise NotAPartyFile(f"The first line must name the columns, and {fault}.") from None
        self._check_names()
        self._columns: Sequence[tuple[int, Column]] = [
            (self._names.index(name), column) for name, column in COLUMNS.items() if name in self._names
        ]

    @property
    def fields(self) -> list[str]:
        """The fields of Party that the file speaks of, in the order of `row`: `urn` first."""
        return [column.field for _, column in self._columns]

    @property
    def unknown_columns(self) -> list[str]:
        """What the header names beside the columns of parties."""
        return [mask_person_numbers(name) for name in self._names if name not in COLUMNS]

    def lines(self, first: int = FIRST_LINE) -> Iterator[tuple[int, bytes]]:
        """The lines that hold anything, with their numbers, from line `first` on."""
        for number in count(FIRST_LINE):
            raw = _line(self._file)
            if not raw:
                return
            if number >= first and not raw.isspace():
                yield number, raw

    def row(self, raw: bytes) -> Row:
        """The values that a line has for `fields`.

        Raises:
            BadLine: it breaks a rule.
        """
        cells = _cells(_text(raw), self._separator)
        if len(cells) != len(self._names):
            raise BadLine(f"has another number of columns than the header: {len(cells)}, not {len(self._names)}")
        return tuple([column.read(cells[index]) for index, column in self._columns])

    def _check_names(self) -> None:
        if IDENTIFIER not in self._names:
            raise NotAPartyFile(
                f'The first line names no column "{IDENTIFIER}". Columns are {", ".join(COLUMNS)}, in any order, '
                "separated by commas, semicolons or tabs."
            )
        twice = [name for name in COLUMNS if self._names.count(name) > 1]
        if twice:
            raise NotAPartyFile(f"The first line names twice: {', '.join(twice)}.")


def _line(file: BinaryIO) -> bytes:
    """The next line, its end included; of one that is too long no more than shows that; empty at the end."""
    raw = piece = file.readline(_MOST_BYTES + 1)
    while len(piece) > _MOST_BYTES and not piece.endswith(b"\n"):
        piece = file.readline(_MOST_BYTES + 1)
    return raw


def _text(raw: bytes) -> str:
    if len(raw) > _MOST_BYTES:
        raise BadLine(f"is longer than {_MOST_BYTES} bytes")
    if b"\0" in raw:
        raise BadLine("holds a NUL character, as compressed files do")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise BadLine("is not UTF-8") from None


def _cells(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error:
        raise BadLine("has a quotation mark without its match, or a line break inside it") from None
