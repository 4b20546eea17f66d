"""Bring the register of parties up to date with a CSV file."""

import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from config.imports.csv_file import FIRST_LINE, UnusableFile
from config.kernel import clock
from config.kernel.masking import mask_person_numbers
from recipients import actions
from recipients.management.progress import Progress
from recipients.management.refusals import Refusals
from recipients.party_columns import COLUMNS
from recipients.party_file import PartyFile

SOME_LINES_BAD, STOPPED = 1, 2  # exit codes


@dataclass(slots=True)
class Total:
    """What became of the lines so far. Every line before `next_line` is done."""

    next_line: int
    lines: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def add(self, batch: actions.Batch) -> None:
        """So much more."""
        self.next_line = batch.next_line
        self.lines += batch.lines
        self.new += batch.new
        self.changed += batch.changed
        self.unchanged += batch.unchanged


class Command(BaseCommand):
    """`manage.py import_parties parties.csv`"""

    help = (
        f"Make the parties of a CSV file, or bring them up to date. Columns, as its first line names them: "
        f"{', '.join(COLUMNS)}. Facts without a column stay as they are. The same file twice changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="UTF-8, separated by , or ; or tab; - for standard input")
        parser.add_argument("--from-line", type=int, default=FIRST_LINE, metavar="N", help="pass over lines before it")
        parser.add_argument("--errors", metavar="FILE", help="write all bad lines to it as CSV: line, rule")
        parser.add_argument("--dry-run", action="store_true", help="check and count only")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        with ExitStack() as stack:
            file = stack.enter_context(_opened(options["file"]))
            parties = self._header_read(file)
            errors = stack.enter_context(_opened_for_errors(options["errors"], options["from_line"]))
            progress = stack.enter_context(Progress(file))
            refusals = Refusals(progress.say, errors)
            total = _import(parties, progress, refusals, options)
        self.stdout.write(
            f"{'Dry run, nothing is written: ' if options['dry_run'] else ''}"
            f"{total.lines} lines, {total.new} new, {total.changed} changed, {total.unchanged} unchanged, "
            f"{refusals.count} bad, {time.monotonic() - started:.1f} seconds"
        )
        if refusals.count:
            raise CommandError(f"{refusals.count} bad lines were left out.", returncode=SOME_LINES_BAD)

    def _header_read(self, file: BinaryIO) -> PartyFile:
        try:
            parties = PartyFile(file)
        except UnusableFile as fault:
            raise CommandError(str(fault), returncode=STOPPED) from None
        if parties.unknown_columns:
            self.stderr.write(f"Columns that are not read: {', '.join(parties.unknown_columns)}")
        return parties


def _import(parties: PartyFile, progress: Progress, refusals: Refusals, options: Mapping[str, Any]) -> Total:
    """The total.

    Raises:
        CommandError: something stopped it; the text says from which line to go on.
    """
    total = Total(next_line=options["from_line"])
    batches = actions.import_parties(
        file=parties,
        now=clock.now(),
        from_line=options["from_line"],
        dry_run=options["dry_run"],
        name=_name(options["file"]),
    )
    try:
        with _terminated_like_interrupted(), closing(batches):
            for batch in batches:
                total.add(batch)
                refusals.add(batch.refusals)
                progress.show(lines=batch.lines, next_line=batch.next_line)
    except (KeyboardInterrupt, DatabaseError, OSError) as fault:
        # The database's further lines repeat what rows hold.
        why = mask_person_numbers(str(fault).partition("\n")[0]) or "interrupted"
        raise CommandError(
            f"Stopped: {why}\nEvery line before line {total.next_line} is done. "
            f"Go on with --from-line {total.next_line}",
            returncode=STOPPED,
        ) from fault
    return total


def _name(path: str) -> str:
    """What the audit log calls the file."""
    return "standard input" if path == "-" else Path(path).name


def _opened(path: str) -> AbstractContextManager[BinaryIO]:
    if path == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(path).open("rb")
    except OSError as fault:
        raise CommandError(str(fault), returncode=STOPPED) from None


def _opened_for_errors(path: str | None, from_line: int) -> AbstractContextManager[TextIO | None]:
    """What an import writes that goes on stands after what it wrote before."""
    if path is None:
        return nullcontext()
    try:
        return Path(path).open("w" if from_line <= FIRST_LINE else "a", encoding="utf-8", newline="")
    except OSError as fault:
        raise CommandError(str(fault), returncode=STOPPED) from None


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM too ends the import with a word on how far it came."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
