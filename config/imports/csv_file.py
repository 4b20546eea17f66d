"""A CSV file of rows, read line by line: flat memory, whatever its size and whatever is in it."""

import csv
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from config.imports.columns import BadLine, Column
from config.kernel.masking import mask_person_numbers

FIRST_LINE = 2  # the header is line 1
# No line of a register is as long; what is longer is passed over without being held.
_MOST_BYTES = 65_536
_SEPARATORS = ",;\t"
_UTF16 = (BOM_UTF16_LE, BOM_UTF16_BE)

Row = tuple[Any, ...]


class UnusableFile(ValueError):
    """The file's first line does not name columns as it must; the text says what is wrong with it."""


class CsvFile:
    """An open file, its header read. One line is one row: quoted texts end where they begin, so line numbers hold."""

    def __init__(self, file: BinaryIO, columns: Mapping[str, Column], key: str) -> None:
        """Read the header, which must name the column `key`; the file stands at its second line afterwards.

        Raises:
            UnusableFile: there is none that can be used.
        """
        self._file, self._known, self._key = file, columns, key
        self._names = self._header()
        self._check_names()
        self._columns: Sequence[tuple[int, Column]] = [
            (self._names.index(name), column) for name, column in columns.items() if name in self._names
        ]

    @property
    def fields(self) -> list[str]:
        """The fields that the file speaks of, in the order of `row`: the key's first."""
        return [column.field for _index, column in self._columns]

    @property
    def unknown_columns(self) -> list[str]:
        """Names in the header that nothing is read from, person numbers masked."""
        return [mask_person_numbers(name) for name in self._names if name not in self._known]

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
            figures = {"found": len(cells), "wanted": len(self._names)}
            raise BadLine(_("has another number of columns than the header: %(found)s, not %(wanted)s") % figures)
        return tuple([column.read(cells[index]) for index, column in self._columns])

    def _header(self) -> list[str]:
        raw = _line(self._file)
        try:
            if raw.startswith(_UTF16):
                raise BadLine(_("the file is UTF-16: save it as UTF-8, in Excel as “CSV UTF-8”"))
            header = _text(raw).removeprefix("\N{BYTE ORDER MARK}")
            # It alone decides: names of columns hold no separators, while commas stand in many a name.
            self._separator = max(_SEPARATORS, key=header.count)
            return [name.strip().lower() for name in _cells(header, self._separator)]
        except BadLine as fault:
            raise UnusableFile(_("The first line must name the columns, and %(fault)s.") % {"fault": fault}) from None

    def _check_names(self) -> None:
        names = {"column": self._key, "columns": ", ".join(self._known)}
        if self._key not in self._names:
            raise UnusableFile(
                _(
                    'The first line names no column "%(column)s". Columns are %(columns)s, in any order, '
                    "separated by commas, semicolons or tabs."
                )
                % names
            )
        twice = [name for name in self._known if self._names.count(name) > 1]
        if twice:
            raise UnusableFile(_("The first line names twice: %(columns)s.") % {"columns": ", ".join(twice)})


def _line(file: BinaryIO) -> bytes:
    """The next line, its end included; of one that is too long no more than shows that; empty at the end."""
    raw = piece = file.readline(_MOST_BYTES + 1)
    while len(piece) > _MOST_BYTES and not piece.endswith(b"\n"):
        piece = file.readline(_MOST_BYTES + 1)
    return raw


def _text(raw: bytes) -> str:
    if len(raw) > _MOST_BYTES:
        raise BadLine(_("is longer than %(bytes)s bytes") % {"bytes": _MOST_BYTES})
    if b"\0" in raw:
        raise BadLine(_("holds a NUL character, as compressed files do"))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise BadLine(_("is not UTF-8: save the file as UTF-8, in Excel as “CSV UTF-8”")) from None


def _cells(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error:
        raise BadLine(_("has a quotation mark without its match, or a line break inside it")) from None
