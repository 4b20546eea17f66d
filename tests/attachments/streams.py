"""Streams to store, and keys to store them under."""

import hashlib
import os
from collections.abc import Iterator

from uuid_utils.compat import uuid7

DAY, NEXT_DAY = "2026-11-24", "2026-11-25"


def key(day: str = DAY) -> str:
    return f"{day}/{uuid7()}"


class Stream:
    """So many bytes, never more than 64 KiB at a time, as a socket gives them."""

    def __init__(self, size: int, error: BaseException | None = None) -> None:
        """With an error: raised where the stream would end."""
        self.left, self.error, self.digest = size, error, hashlib.sha256()

    def read(self, size: int) -> bytes:
        chunk = os.urandom(min(size, self.left, 65_536))
        self.left -= len(chunk)
        self.digest.update(chunk)
        if not chunk and self.error:
            raise self.error
        return chunk


class Text:
    """A few bytes, at once."""

    def __init__(self, text: bytes) -> None:
        self.text = text

    def read(self, size: int) -> bytes:
        chunk, self.text = self.text[:size], self.text[size:]
        return chunk


def content(chunks: Iterator[bytes]) -> bytes:
    return b"".join(chunks)
