"""Parts of a file that a client asks for (RFC 9110 §14)."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=[ \t]*(\d{0,999})-(\d{0,999})[ \t]*", re.ASCII | re.IGNORECASE)


class RangeNotSatisfiable(Exception):
    """A range that lies outside the file, whose size in bytes it carries."""

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"The range lies outside the file, which has {size} bytes.")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """`length` bytes from `start` of a file."""

    start: int
    length: int


def wanted_range(header: str, size: int) -> ByteRange | None:
    """The one range that a Range header asks for; None where the whole file is to be sent.

    That is so without a header, for what is no range of bytes, and for several ranges at once: RFC 9110 §14.2 allows a
    server to ignore them.

    Raises:
        RangeNotSatisfiable: nothing of it lies inside the file.
    """
    match = _ONE_RANGE.fullmatch(header.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:  # the last so many bytes
        length = min(int(match[2]), size)
        if length == 0:
            raise RangeNotSatisfiable(size)
        return ByteRange(size - length, length)
    start, last = int(match[1]), int(match[2] or size - 1)
    if match[2] and last < start:
        return None  # no range at all, by its grammar
    if start >= size:
        raise RangeNotSatisfiable(size)
    return ByteRange(start, min(last, size - 1) - start + 1)
