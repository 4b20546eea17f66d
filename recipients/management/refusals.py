"""The lines of a file that were left out: all of them in a file of their own, the first ones on standard error."""

import csv
from collections.abc import Callable, Iterable
from typing import TextIO

from recipients.actions import Refusal

MOST_TOLD = 100


class Refusals:
    """How many lines were left out."""

    def __init__(self, say: Callable[[str], None], file: TextIO | None) -> None:
        """Those told go to `say`; with a file, an empty one gets a header first."""
        self.count = 0
        self._say = say
        self._writer = csv.writer(file) if file else None
        if file and self._writer and file.tell() == 0:
            self._writer.writerow(("line", "rule"))

    def add(self, refusals: Iterable[Refusal]) -> None:
        """So many more, in the order of their lines."""
        for refusal in refusals:
            self.count += 1
            if self._writer:
                self._writer.writerow((refusal.line, refusal.rule))
            if self.count <= MOST_TOLD:
                self._say(f"line {refusal.line}: {refusal.rule}")
            elif self.count == MOST_TOLD + 1:
                self._say("More lines are bad; they are counted, and --errors FILE writes them all.")
