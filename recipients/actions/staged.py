"""Lines of a file beside the register, in the database: which differ, from what to what, and what is written."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection

from config.audit.models import Deed
from config.audit.rows import Changes, RowChange, differences, record_rows
from config.imports.csv_file import Row
from config.kernel.database import copying
from recipients.audited import told
from recipients.models import Party

_CREATE = "CREATE TEMPORARY TABLE incoming_party AS SELECT 0 AS line, {columns} FROM recipients_party WITH NO DATA"
_COPY = "COPY incoming_party (line, {columns}) FROM STDIN"
# Of two lines about one party the last counts. A party id is its holder's, or else goes to the first who claims it; one
# that is another's must be given up before, by a file of its own.
_TAKEN = """
    party_id IS NOT NULL AND CASE
        WHEN holder IS NOT NULL THEN holder <> urn
        ELSE row_number() OVER (PARTITION BY party_id ORDER BY line) > 1
    END"""
# What differs is found first: ON CONFLICT would lock, and so write, each row that stays as it is, and use up an id.
_DIFFER = """
    CREATE TEMPORARY TABLE differing_party AS
    WITH last AS (SELECT DISTINCT ON (urn) * FROM incoming_party ORDER BY urn, line DESC),
    claiming AS (SELECT last.*, {holder} AS holder FROM last {holders}),
    judged AS (SELECT claiming.*, {taken} AS is_taken FROM claiming)
    SELECT judged.line, judged.is_taken, party.id IS NULL AS is_new, {told}, {kept}
    FROM judged LEFT JOIN recipients_party AS party ON party.urn = judged.urn
    WHERE judged.is_taken OR ROW({held}) IS DISTINCT FROM ROW({told})"""
_HOLDERS = "LEFT JOIN recipients_party AS held ON held.party_id = last.party_id"
# Sorted: two imports at once take rows in one order, and cannot lock each other out.
_WRITE = """
    INSERT INTO recipients_party AS party ({columns}, updated_at)
    SELECT {columns}, %(now)s FROM differing_party
    WHERE NOT is_taken AND line > %(after)s AND line <= %(until)s ORDER BY urn COLLATE "C"
    ON CONFLICT (urn) DO UPDATE SET ({columns}, updated_at) = ROW({excluded}, EXCLUDED.updated_at)
    WHERE ROW({stored}) IS DISTINCT FROM ROW({excluded})"""
_READ = """
    SELECT line, is_taken, is_new, party.id, {differing}, {before}
    FROM differing_party AS differing LEFT JOIN recipients_party AS party ON party.urn = differing.urn
    ORDER BY line"""
_DROP = "DROP TABLE incoming_party, differing_party"
_AT_ONCE = 5_000  # rows in memory
_EVERY_LINE = 2**31 - 1


class Differing(NamedTuple):
    """A line that says something else than the register."""

    line: int
    is_taken: bool  # it claims a party id that is another's, and is left out
    is_new: bool
    key: int | None  # the party's; None while it is not written
    urn: str
    changes: Changes


class Staged:
    """Lines side by side with the register, within a transaction of the caller's. Drop them at the end."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._fields, self.last_line = list(fields), 0
        self._names = {
            "columns": _list(fields),
            "told": _list(fields, "judged."),
            "held": _list(fields, "party."),
            "kept": ", ".join(f"party.{field} AS was_{field}" for field in fields),
            "stored": _list(fields, "party."),
            "excluded": _list(fields, "EXCLUDED."),
            "differing": _list(fields, "differing."),
            "before": _list(fields, "differing.was_"),
            "holder": "held.urn" if "party_id" in fields else "NULL",
            "holders": _HOLDERS if "party_id" in fields else "",
            "taken": _TAKEN if "party_id" in fields else "FALSE",
        }
        self._run(_CREATE)

    def add(self, rows: Iterable[tuple[int, Row]]) -> None:
        """More lines, by number."""
        with copying(_COPY.format(**self._names)) as copy:
            for line, row in rows:
                copy.write_row((line, *row))
                self.last_line = line

    def compare(self) -> None:
        """Find what differs; once, when all lines are there."""
        self._run(_DIFFER)

    def write(self, now: datetime, lines: range | None = None) -> None:
        """Parties are as the lines say, those of them within `lines` if that is given."""
        within = (lines.start - 1, lines.stop - 1) if lines else (0, _EVERY_LINE)
        self._run(_WRITE, {"now": now, "after": within[0], "until": within[1]})

    def differing(self) -> Iterator[Differing]:
        """Each line that differs, in their order, few in memory at a time."""
        statement = _READ.format(**self._names)
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement)
            while rows := cursor.fetchmany(_AT_ONCE):
                yield from map(self._read, rows)

    def drop(self) -> None:
        """They are gone, and others may come."""
        self._run(_DROP)

    def _read(self, row: Row) -> Differing:
        line, is_taken, is_new, key, *values = row
        after = dict(zip(self._fields, values[: len(self._fields)], strict=True))
        before = dict(zip(self._fields, values[len(self._fields) :], strict=True))
        return Differing(line, is_taken, is_new, key, after["urn"], differences({} if is_new else before, after))

    def _run(self, statement: str, parameters: dict[str, Any] | None = None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement.format(**self._names), parameters)


def note(lines: Iterable[Differing], *, file: str, by: str, now: datetime) -> None:
    """The audit log says what each of these lines, which are written, has changed."""
    lines = iter(lines)
    while some := list(islice(lines, _AT_ONCE)):
        record_rows(Party, map(_row_change, some), by=by, now=now, also={"file": file} if file else {})


def _row_change(line: Differing) -> RowChange:
    deed = Deed.ADDED if line.is_new else Deed.CHANGED
    return RowChange(deed, str(line.key), told(line.urn, line.changes))


def _list(fields: Iterable[str], prefix: str = "") -> str:
    return ", ".join(prefix + field for field in fields)
