"""Bring the register up to date with a file, a batch of lines at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import connection, transaction

from config.kernel.database import copying
from recipients.models import Party
from recipients.party_columns import BadLine
from recipients.party_file import FIRST_LINE, PartyFile, Row

# A batch is one transaction of some 0.1 s: others who change a party wait no longer than that.
BATCH_LINES = 5_000

_CREATE = "CREATE TEMPORARY TABLE incoming_party AS SELECT {columns} FROM recipients_party WITH NO DATA"
_COPY = "COPY incoming_party ({columns}) FROM STDIN"
_DROP = "DROP TABLE incoming_party"
# What differs is found first: ON CONFLICT would lock, and so write, each row that stays as it is, and use up an id.
_DIFFERING = """
    WITH differing AS MATERIALIZED (
        SELECT incoming.*, party.id IS NULL AS is_new
        FROM incoming_party AS incoming LEFT JOIN recipients_party AS party ON party.urn = incoming.urn
        WHERE ROW({held}) IS DISTINCT FROM ROW({told})
    )"""
# Sorted: two imports at once take rows in one order, and cannot lock each other out.
_WRITTEN = """,
    written AS (
        INSERT INTO recipients_party AS party ({columns}, updated_at)
        SELECT {columns}, %(now)s FROM differing ORDER BY urn COLLATE "C"
        ON CONFLICT (urn) DO UPDATE SET ({columns}, updated_at) = ROW({excluded}, EXCLUDED.updated_at)
        WHERE ROW({held}) IS DISTINCT FROM ROW({excluded})
    )"""
_COUNTS = " SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM differing"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was left out, by its number in the file, and the rule that it breaks."""

    line: int
    rule: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of some lines, once it is committed. Every line before `next_line` is dealt with."""

    next_line: int
    lines: int
    new: int
    changed: int
    refusals: list[Refusal]

    @property
    def unchanged(self) -> int:
        """Lines that changed nothing: known already, or overtaken by a later line about the same party."""
        return self.lines - self.new - self.changed - len(self.refusals)


def import_parties(
    *, file: PartyFile, now: datetime, from_line: int = FIRST_LINE, dry_run: bool = False
) -> Iterator[Batch]:
    """Make the parties that the file names, or bring them up to date; facts that it has no column for stay.

    Each batch is a transaction of its own, committed when it is answered. Of two lines about one party the later one
    wins. A dry run only counts. Doing it twice, or again from any line, is harmless.

    Raises:
        DatabaseError, OSError: the batches that were answered so far are committed.
    """
    lines = file.lines(from_line)
    while some := list(islice(lines, BATCH_LINES)):
        yield _import(file, some, now, dry_run)


def _import(file: PartyFile, lines: list[tuple[int, bytes]], now: datetime, dry_run: bool) -> Batch:
    parties: dict[str, tuple[int, Row]] = {}
    refusals = []
    for number, raw in lines:
        try:
            row = file.row(raw)
        except BadLine as fault:
            refusals.append(Refusal(number, str(fault)))
        else:
            parties[row[0]] = (number, row)
    refusals += _without_taken_ids(file.fields, parties)
    new, changed = _write(file.fields, [row for _, row in parties.values()], now, dry_run)
    return Batch(
        next_line=lines[-1][0] + 1,
        lines=len(lines),
        new=new,
        changed=changed,
        refusals=sorted(refusals, key=lambda refusal: refusal.line),
    )


def _without_taken_ids(fields: list[str], parties: dict[str, tuple[int, Row]]) -> list[Refusal]:
    """Take out the parties that claim another one's party id; that one must give it up first."""
    if "party_id" not in fields:
        return []
    at = fields.index("party_id")
    claims = {urn: row[at] for urn, (_, row) in parties.items() if row[at]}
    holders = Party.objects.by_party_id(claims.values())
    taken = [urn for urn, party_id in claims.items() if holders.setdefault(party_id, urn) != urn]
    return [Refusal(parties.pop(urn)[0], "party_id: Another party has this party id.") for urn in taken]


@transaction.atomic
def _write(fields: list[str], rows: Iterable[Row], now: datetime, dry_run: bool) -> tuple[int, int]:
    """Answers how many parties are new, and how many are changed."""
    names = {
        "columns": ", ".join(fields),
        "held": _prefixed("party", fields),
        "told": _prefixed("incoming", fields),
        "excluded": _prefixed("EXCLUDED", fields),
    }
    statement = _DIFFERING + ("" if dry_run else _WRITTEN) + _COUNTS
    with connection.cursor() as cursor:
        cursor.execute(_CREATE.format(**names))
        with copying(_COPY.format(**names)) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(statement.format(**names), {"now": now})
        new, changed = cursor.fetchone()
        cursor.execute(_DROP)
    return new, changed


def _prefixed(table: str, fields: list[str]) -> str:
    return ", ".join(f"{table}.{field}" for field in fields)
