"""Bytes on their way into the storage, counted and checked as they pass."""

import hashlib
from uuid import UUID

from attachments import errors
from attachments.drafts import StoredFile
from attachments.metrics import BYTES
from attachments.storage import storage
from attachments.storage.port import StorageUnavailable, key_of
from config.kernel.errors import BodyBrokeOff, BodyTooSlow
from config.kernel.readable import Readable


def store_file(id: UUID, name: str, stream: Readable, *, limit: int) -> StoredFile:
    """All bytes of the stream, at most `limit`, lie under the attachment's key; where anything fails none do.

    Raises:
        InvalidFileSize: over the limit.
        UploadBrokeOff, UploadTooSlow: the client's fault.
        StorageFailed: ours.
    """
    passing = _Passing(stream, limit)
    try:
        storage().write(key_of(id), passing)
    except StorageUnavailable as error:
        raise errors.StorageFailed(reason=str(error)) from error
    except BodyTooSlow as error:
        raise errors.UploadTooSlow(reason=str(error)) from error
    except BodyBrokeOff as error:
        raise errors.UploadBrokeOff(size=passing.size) from error
    finally:
        BYTES.labels("in").inc(passing.size)
    return StoredFile(id, name, passing.size, passing.checksum)


class _Passing:
    """The stream, while its bytes are counted."""

    def __init__(self, source: Readable, limit: int) -> None:
        self._source, self._limit = source, limit
        self._md5 = hashlib.md5(usedforsecurity=False)
        self.size = 0

    @property
    def checksum(self) -> str:
        return self._md5.hexdigest()

    def read(self, size: int) -> bytes:
        chunk = self._source.read(size)
        self._md5.update(chunk)
        self.size += len(chunk)
        if self.size > self._limit:
            raise errors.InvalidFileSize(limit=self._limit, what="this one is larger")
        return chunk
