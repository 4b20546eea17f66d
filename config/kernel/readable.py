"""What streams have in common: bodies, parts of forms, files on their way into the storage."""

from typing import Protocol


class Readable(Protocol):
    """A stream that is read once, from front to back."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end, and only there."""
        ...
