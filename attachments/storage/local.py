"""Bytes of attachments in a folder: one folder for each day, one file for each key."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attachments.storage.port import (
    CHUNK_BYTES,
    BytesMissing,
    Chunks,
    StorageUnavailable,
    check_key,
    check_range,
    is_key,
)
from config.kernel.readable import Readable

_PART = ".part"  # ends the name of a file that is being written
_TRIES = 3
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC


class LocalStorage:
    """A folder of this machine, or one that all processes have mounted. Made when the first bytes come."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, key: str, stream: Readable) -> None:
        path = self._path(key)
        try:
            self._fill(_part_of(path), stream)
            with _faults():
                _part_of(path).replace(path)
                _sync(path.parent)
        except BaseException:
            with suppress(StorageUnavailable):
                self.delete(key)
            raise

    def _fill(self, part: Path, stream: Readable) -> None:
        """All of the stream is on the disk, under a name that nobody opens."""
        with _faults():
            descriptor = _create(part)
        try:
            while chunk := stream.read(CHUNK_BYTES):  # what this raises is the stream's, an OSError too
                with _faults():
                    _write(descriptor, chunk)
            with _faults():
                os.fdatasync(descriptor)
        finally:
            with suppress(OSError):  # what counts was synced before
                os.close(descriptor)

    def open(self, key: str, start: int = 0, length: int | None = None) -> Chunks:
        path = self._path(key)
        check_range(start, length)
        try:
            with _faults():
                file = path.open("rb", buffering=0)
                file.seek(start)
        except StorageUnavailable as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise BytesMissing(key) from error
            raise
        return Chunks(file, (OSError,), length)

    def delete(self, key: str) -> None:
        # Not synced: should the machine die, the file is back without a row that names it, and the sweep finds it.
        path = self._path(key)
        with _faults():
            path.unlink(missing_ok=True)
            _part_of(path).unlink(missing_ok=True)
        with suppress(OSError):  # other files lie there, or it is gone
            path.parent.rmdir()

    def list(self, prefix: str = "") -> Iterator[str]:
        for day in _names(self._root):
            if f"{day}/".startswith(prefix) or prefix.startswith(f"{day}/"):
                keys = {f"{day}/{name.removesuffix(_PART)}" for name in _names(self._root / day)}
                yield from sorted(key for key in keys if is_key(key) and key.startswith(prefix))

    def _path(self, key: str) -> Path:
        check_key(key)
        return self._root / key


@contextmanager
def _faults() -> Iterator[None]:
    """The text names no folder: it is shown to senders."""
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(error.strerror or type(error).__name__) from error


def _part_of(path: Path) -> Path:
    return path.with_name(path.name + _PART)


def _create(part: Path) -> int:
    """A descriptor. The folder may go between the two steps: `delete` removes those that are empty."""
    for _ in range(_TRIES):
        _make(part.parent)
        with suppress(FileNotFoundError):
            return os.open(part, _NEW_FILE, 0o600)
    raise StorageUnavailable("its folder goes as often as it is made")


def _make(folder: Path) -> None:
    """The folder and those above it are there, durably."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(descriptor: int, chunk: bytes) -> None:
    """All of it: the system takes less when the disk is nearly full, or a signal comes."""
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _names(folder: Path) -> list[str]:
    """What lies in it, sorted; nothing where there is no such folder (any more), or it is none."""
    try:
        with _faults(), os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries)
    except StorageUnavailable as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            return []
        raise
