"""What a file would change, as it is shown before anybody says yes."""

import hmac
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from config.audit.rows import Changes
from config.imports.columns import BadLine
from config.imports.csv_file import UnusableFile
from config.kernel.masking import masked

MOST_LINES = 100_000
MOST_SHOWN = 100


class TooManyLines(UnusableFile):
    """The file is for an operator's command, which has all the time that it needs."""

    def __init__(self, most: int) -> None:
        super().__init__(_("The file has more than %(lines)s lines. Divide it.") % {"lines": most})


class NotStored(Exception):
    """Nothing of the file was stored; the text says why, to who confirmed it."""


class ChangedMeanwhile(NotStored):
    """What would be changed is not what was shown."""

    def __init__(self) -> None:
        super().__init__(
            _("The register has changed since this preview was made. Nothing was stored: look at it as it is now.")
        )


class LinesAreBad(NotStored):
    """Some lines have errors, and nobody said that the others are to be imported without them."""

    def __init__(self) -> None:
        super().__init__(_("Some lines have errors. Nothing was stored."))


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that breaks a rule."""

    line: int
    column: str  # empty where it is the line as a whole
    rule: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A row that would be added or changed; its texts are masked."""

    line: int
    title: str
    changes: Changes  # but for what the title says


@dataclass(slots=True)
class Preview:
    """How many lines would do what; of each kind, the first ones. Filled line by line."""

    most: int = MOST_SHOWN
    most_lines: int = MOST_LINES
    ignored: Sequence[str] = ()  # columns that nothing is read from
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    additions: list[Shown] = field(default_factory=list)
    changes: list[Shown] = field(default_factory=list)
    _seal: Any = field(default_factory=lambda: hmac.new(settings.SECRET_KEY.encode(), b"preview", sha256))

    def read(self, lines: int) -> None:
        """So many more lines were read.

        Raises:
            TooManyLines: more than a page is for.
        """
        self.counts["lines"] += lines
        if self.counts["lines"] > self.most_lines:
            raise TooManyLines(self.most_lines)

    def refuse(self, line: int, fault: BadLine) -> None:
        """The line breaks a rule."""
        self.counts["refused"] += 1
        self._seal.update(f"{line};".encode())
        if len(self.faults) < self.most:
            self.faults.append(Fault(line, fault.column, fault.rule))

    def differ(self, line: int, title: str, changes: Changes, *, is_new: bool, exactly: Any) -> None:
        """The line adds a row or changes one, from what to what; shown masked. `exactly` says all, and is not shown."""
        kind, shown = ("new", self.additions) if is_new else ("changed", self.changes)
        self.counts[kind] += 1
        self._seal.update(repr((line, is_new, exactly)).encode())
        if len(shown) < self.most:
            shown.append(Shown(line, title, masked(changes)))

    @property
    def unchanged(self) -> int:
        """Lines that say what is known, or that a later line about the same row says anew."""
        counts = self.counts
        return counts["lines"] - counts["new"] - counts["changed"] - counts["refused"]

    @property
    def seal(self) -> str:
        """The same for the same changes to the same register, and for no other; tells nothing of them."""
        return str(self._seal.hexdigest())

    def check(self, seal: str, *, leave_out_bad: bool) -> None:
        """This is what was shown, and may be stored.

        Raises:
            ChangedMeanwhile, LinesAreBad: as they say.
        """
        if not hmac.compare_digest(seal.encode(), self.seal.encode()):
            raise ChangedMeanwhile
        if self.counts["refused"] and not leave_out_bad:
            raise LinesAreBad

    def told(self) -> dict[str, int]:
        """The counts, for the audit log."""
        return {
            "lines": self.counts["lines"],
            "new": self.counts["new"],
            "changed": self.counts["changed"],
            "unchanged": self.unchanged,
            "refused": self.counts["refused"],
        }

    def sort(self) -> None:
        """Faults stand in the order of their lines, whenever they were found."""
        self.faults.sort(key=lambda fault: fault.line)
