"""A whole file of parties at once, as somebody has looked at it: all of it is stored, or nothing."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.db import connection, transaction

from config.audit.actions import record
from config.audit.models import Deed
from config.audit.rows import Changes
from config.imports.preview import MOST_SHOWN, Preview
from config.kernel.database import patient
from recipients.actions.import_parties import BATCH_LINES, Refusal, party_id_is_taken, read
from recipients.actions.staged import Differing, Staged, note
from recipients.identifiers import short_name
from recipients.party_file import PartyFile

# 100,000 lines take some 10 s; who waits for the register meanwhile is told after DATABASE_LOCK_SECONDS. On a machine
# that has other work too it is better that they take longer than that all is undone.
_SECONDS = 180
_WRITTEN_AT_ONCE = 20_000  # lines: a statement for all of them might take longer than a statement may
# Others go on reading, and nobody writes: what was compared is what is written over. It ends with the transaction.
_LOCK = "LOCK TABLE recipients_party IN SHARE ROW EXCLUSIVE MODE"


@transaction.atomic
def preview_party_file(*, file: PartyFile, most: int = MOST_SHOWN) -> Preview:
    """What the file would change; of each kind of lines the first `most`.

    Raises:
        TooManyLines: more than a page is for.
    """
    patient(_SECONDS)
    preview = Preview(most=most, ignored=file.unknown_columns)
    staged = _staged(file, preview)
    staged.compare()
    for _ in _told(staged, preview):
        pass
    staged.drop()
    preview.sort()
    return preview


@transaction.atomic
def import_party_file(*, file: PartyFile, name: str, seal: str, leave_out_bad: bool, by: str, now: datetime) -> Preview:
    """The register is as the file says; answers what that has changed, which is what the sealed preview said.

    Args:
        name: The file's, for the audit log.
        leave_out_bad: Store the other lines where some have errors.

    Raises:
        ChangedMeanwhile, LinesAreBad, TooManyLines: nothing was stored.
        DatabaseBusy: nothing was stored; somebody else was writing, or it took too long.
    """
    patient(_SECONDS)
    preview = Preview(ignored=file.unknown_columns)
    staged = _staged(file, preview)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    staged.compare()
    for start in range(0, staged.last_line + 1, _WRITTEN_AT_ONCE):
        staged.write(now, range(start, start + _WRITTEN_AT_ONCE))
    note(_told(staged, preview), file=name, by=by, now=now)
    preview.check(seal, leave_out_bad=leave_out_bad)
    staged.drop()
    record(Deed.IMPORTED, by=by, now=now, details={"file": name, **preview.told()})
    return preview


def _staged(file: PartyFile, preview: Preview) -> Staged:
    """The lines of the file but for the bad ones, which the preview tells."""
    staged = Staged(file.fields)
    lines = file.lines()
    # Not in one go: while rows are copied in, the file cannot be read from the same database.
    while some := list(islice(lines, BATCH_LINES)):
        preview.read(len(some))
        refusals: list[Refusal] = []
        staged.add(read(file, some, refusals))
        for refusal in refusals:
            preview.refuse(refusal.line, refusal.fault)
    return staged


def _told(staged: Staged, preview: Preview) -> Iterator[Differing]:
    """Those that are, or would be, written; the preview tells all that differ."""
    for line in staged.differing():
        if line.is_taken:
            preview.refuse(line.line, party_id_is_taken())
        else:
            exactly = (line.urn, line.changes)
            preview.differ(
                line.line, short_name(line.urn), _but(line.changes, "urn"), is_new=line.is_new, exactly=exactly
            )
            yield line


def _but(changes: Changes, field: str) -> Changes:
    return {name: pair for name, pair in changes.items() if name != field}
