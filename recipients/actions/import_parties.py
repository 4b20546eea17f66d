"""Bring the register up to date with a file, a batch of lines at a time."""

from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from config.audit.actions import record
from config.audit.models import Deed
from config.audit.rows import COMMAND
from config.imports.columns import BadLine
from config.imports.csv_file import FIRST_LINE, Row
from recipients.actions.staged import Staged, note
from recipients.party_file import PartyFile

# A batch is one transaction of some 0.2 s: others who change a party wait no longer than that.
BATCH_LINES = 5_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was left out, by its number in the file, and the rule that it breaks."""

    line: int
    fault: BadLine

    @property
    def rule(self) -> str:
        """With the column's name, where it is one that is at fault."""
        return str(self.fault)


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


@dataclass(slots=True)
class _Sum:
    """What has become of all lines so far."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, batch: Batch) -> Batch:
        self.counts.update(
            lines=batch.lines,
            new=batch.new,
            changed=batch.changed,
            unchanged=batch.unchanged,
            refused=len(batch.refusals),
        )
        return batch


def import_parties(
    *,
    file: PartyFile,
    now: datetime,
    from_line: int = FIRST_LINE,
    dry_run: bool = False,
    by: str = COMMAND,
    name: str = "",
) -> Generator[Batch]:
    """Make the parties that the file names, or bring them up to date; facts that it has no column for stay.

    Each batch is a transaction of its own, committed when it is answered. Of two lines about one party the later one
    wins. A dry run only counts. Doing it twice, or again from any line, is harmless. The audit log says of each party
    what was changed, and at the end, also at an early one, what became of the lines; `name` is the file's, for it.

    Raises:
        DatabaseError, OSError: the batches that were answered so far are committed.
    """
    lines = file.lines(from_line)
    total = _Sum()
    try:
        while some := list(islice(lines, BATCH_LINES)):
            yield total.add(_import(file, some, now, dry_run, by, name))
    finally:
        if total.counts["new"] + total.counts["changed"] and not dry_run:
            with suppress(DatabaseError):  # where it is gone, what stopped the import is what is told
                record(Deed.IMPORTED, by=by, now=now, details={"file": name, **total.counts})


@transaction.atomic
def _import(file: PartyFile, lines: list[tuple[int, bytes]], now: datetime, dry_run: bool, by: str, name: str) -> Batch:
    refusals: list[Refusal] = []
    staged = Staged(file.fields)
    staged.add(read(file, lines, refusals))
    staged.compare()
    if not dry_run:
        staged.write(now)
    differing = list(staged.differing())
    staged.drop()
    refusals += [Refusal(line.line, party_id_is_taken()) for line in differing if line.is_taken]
    written = [line for line in differing if not line.is_taken]
    if written and not dry_run:
        note(written, file=name, by=by, now=now)
    new = sum(line.is_new for line in written)
    return Batch(
        next_line=lines[-1][0] + 1,
        lines=len(lines),
        new=new,
        changed=len(written) - new,
        refusals=sorted(refusals, key=lambda refusal: refusal.line),
    )


def read(file: PartyFile, lines: list[tuple[int, bytes]], refusals: list[Refusal]) -> Iterator[tuple[int, Row]]:
    """The values of those lines that break no rule; the others go to `refusals`."""
    for number, raw in lines:
        try:
            yield number, file.row(raw)
        except BadLine as fault:
            refusals.append(Refusal(number, fault))


def party_id_is_taken() -> BadLine:
    """What is wrong with a line that claims another party's id."""
    return BadLine(_("Another party has this party id."), "party_id", is_sentence=True)
