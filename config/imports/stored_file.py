"""A file out of the database, read as files are, a part in memory at a time."""

import io
from typing import Any

from config.imports.models import Upload


class _Parts(io.RawIOBase):
    """The bytes of an upload."""

    def __init__(self, upload: Upload) -> None:
        self._parts, self._number, self._rest = upload.parts, 0, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = self._next()
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def _next(self) -> memoryview:
        content = self._parts.filter(number=self._number).values_list("content", flat=True).first()
        self._number += 1
        return memoryview(content or b"")


def opened(upload: Upload) -> io.BufferedReader:
    """The file from its beginning."""
    return io.BufferedReader(_Parts(upload))
