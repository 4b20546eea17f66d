"""A storage whose faults are counted: the one place through which all of them come."""

from collections.abc import Iterator
from contextlib import contextmanager

from attachments.metrics import STORAGE_ERRORS
from attachments.storage.port import Chunks, Storage, StorageUnavailable
from config.kernel.readable import Readable


@contextmanager
def _counted(operation: str) -> Iterator[None]:
    try:
        yield
    except StorageUnavailable:
        STORAGE_ERRORS.labels(operation).inc()
        raise


class CountedStorage:
    """As the storage behind it, in every respect."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def write(self, key: str, stream: Readable) -> None:
        with _counted("write"):
            self._storage.write(key, stream)

    def open(self, key: str, start: int = 0, length: int | None = None) -> Chunks:
        with _counted("open"):
            return _CountedChunks(self._storage.open(key, start, length))

    def delete(self, key: str) -> None:
        with _counted("delete"):
            self._storage.delete(key)

    def list(self, prefix: str = "") -> Iterator[str]:
        with _counted("list"):
            yield from self._storage.list(prefix)


class _CountedChunks(Chunks):
    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks

    def __next__(self) -> bytes:
        with _counted("read"):
            return next(self._chunks)

    def close(self) -> None:
        self._chunks.close()
