"""What a malware scanner is to us."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class ScannerUnavailable(Exception):
    """It cannot be reached, does not answer in time, or answers nonsense: nothing is known of the file."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a file, for good. `text` is the status text: `Published`, or the reason why not."""

    clean: bool
    text: str


class Scanner(Protocol):
    """Anything that can say of a file whether it may be passed on."""

    def scan(self, chunks: Iterable[bytes]) -> Verdict:
        """The verdict on the file that these chunks make up, which is never held in memory as a whole.

        What the iterable raises comes out unchanged.

        Raises:
            ScannerUnavailable: there is no verdict; another try may bring one.
        """
