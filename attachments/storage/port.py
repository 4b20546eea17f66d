"""What the service asks of a storage, whatever it is made of, and the keys under which bytes lie there."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from config.kernel.readable import Readable

CHUNK_BYTES = 256 * 1024

_KEY = re.compile(r"\d{4}-\d{2}-\d{2}/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class StorageUnavailable(Exception):
    """The storage cannot be reached, is full, or refuses."""


class BytesMissing(Exception):
    """There is nothing under this key."""


class Source(Readable, Protocol):
    """An opened file or answer."""

    def close(self) -> None:
        """Its descriptor or connection is free again; twice is harmless."""
        ...


class Chunks(Iterator[bytes]):
    """Bytes on their way out, at most CHUNK_BYTES at a time. `close()` frees the file or connection behind them.

    No generator: one that was never begun runs no `finally`, so that its file would stay open.
    """

    def __init__(self, source: Source, faults: tuple[type[Exception], ...], length: int | None = None) -> None:
        """Iterating raises StorageUnavailable for each of `faults`; None for length: to the end of the source."""
        self._source, self._faults, self._left = source, faults, length

    def __next__(self) -> bytes:
        size = CHUNK_BYTES if self._left is None else min(CHUNK_BYTES, self._left)
        chunk = self._read(size) if size else b""
        if not chunk:
            self.close()
            raise StopIteration
        if self._left is not None:
            self._left -= len(chunk)
        return chunk

    def _read(self, size: int) -> bytes:
        try:
            return self._source.read(size)
        except self._faults as error:
            self.close()
            raise StorageUnavailable(f"reading broke off: {type(error).__name__}") from error

    def close(self) -> None:
        """The file or connection is free again, and no more comes; twice is harmless."""
        self._left = 0
        with suppress(*self._faults):
            self._source.close()


class Storage(Protocol):
    """Where the bytes of attachments lie. Each key is written once.

    Every method raises ValueError for a key that `key_of` does not make, and StorageUnavailable.
    """

    def write(self, key: str, stream: Readable) -> None:
        """All of the stream lies under the key, durably; after any exception nothing does.

        What the stream raises comes out as it is. Only a process or a storage that dies meanwhile leaves something
        behind: `list` shows it, `delete` removes it.
        """
        ...

    def open(self, key: str, start: int = 0, length: int | None = None) -> Chunks:
        """The bytes from `start` on: `length` of them or as many as there are, with None all.

        Raises:
            BytesMissing: nothing lies under the key.
            ValueError: `start` is negative, or `length` below one.
        """
        ...

    def delete(self, key: str) -> None:
        """Nothing lies under the key, leftovers of a broken write included. There may have been nothing."""
        ...

    def list(self, prefix: str = "") -> Iterator[str]:
        """Each key that begins with `prefix`, once, those of broken and of running writes among them.

        Memory stays bounded by the keys of one day and of unfinished writes. Keys may come and go meanwhile.
        """
        ...


def key_of(id: UUID) -> str:
    """`YYYY-MM-DD/<id>`: the UTC day that a UUIDv7 carries in its upper 48 bits (milliseconds since 1970), and itself.

    Raises:
        ValueError: it is of another version, which carries no day.
    """
    if id.version != 7:
        raise ValueError(f"{id} is no UUIDv7")
    return f"{stored_at(str(id)):%Y-%m-%d}/{id}"


def stored_at(key: str) -> datetime:
    """When the attachment of this key was made, by its id."""
    return _EPOCH + timedelta(milliseconds=UUID(key.rpartition("/")[2]).int >> 80)


def is_key(text: str) -> bool:
    """Whether it has the form that `key_of` makes."""
    return _KEY.fullmatch(text) is not None


def check_key(key: str) -> None:
    """Nothing else ever becomes part of a path.

    Raises:
        ValueError: it has another form.
    """
    if not is_key(key):
        raise ValueError(f"{key!r} is no key of the storage")


def check_range(start: int, length: int | None) -> None:
    """A part of the bytes can be asked for so.

    Raises:
        ValueError: `start` is negative, or `length` below one.
    """
    if start < 0 or (length is not None and length < 1):
        raise ValueError(f"there are no {length} bytes from {start} on")
