"""Bytes on their way into the storage, counted and checked as they pass."""

import hashlib
import time
from collections.abc import Callable
from uuid import UUID

from django.conf import settings

from attachments import errors
from attachments.drafts import StoredFile
from attachments.storage import storage
from attachments.storage.port import Readable, StorageUnavailable, key_of
from config.kernel.errors import BodyBrokeOff, BodyTooSlow

_BEAT_SECONDS = 20.0


def store_file(
    id: UUID, name: str, stream: Readable, *, limit: int, beat: Callable[[], None] | None = None
) -> StoredFile:
    """All bytes of the stream lie under the attachment's key; where anything fails none do.

    `limit` is in bytes; `beat` is called each 20 seconds or so while bytes come in.

    Raises:
        InvalidFileSize: over the limit.
        UploadBrokeOff, UploadTooSlow: the client's fault.
        StorageFailed: ours.
    """
    passing = _Passing(stream, limit, beat)
    try:
        storage().write(key_of(id), passing)
    except StorageUnavailable as error:
        raise errors.StorageFailed(reason=str(error)) from error
    except BodyTooSlow as error:
        raise errors.UploadTooSlow(reason=str(error)) from error
    except BodyBrokeOff as error:
        raise errors.UploadBrokeOff(size=passing.size) from error
    return StoredFile(id, name, passing.size, passing.checksum)


class _Passing:
    """The stream, while its bytes are counted."""

    def __init__(self, source: Readable, limit: int, beat: Callable[[], None] | None) -> None:
        self._source, self._limit, self._beat = source, limit, beat
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._started = self._beaten = time.monotonic()
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
        self._tell(time.monotonic())
        return chunk

    def _tell(self, now: float) -> None:
        if now - self._started > settings.UPLOAD_MOST_SECONDS:
            raise BodyTooSlow(settings.UPLOAD_MOST_SECONDS)
        if self._beat and now - self._beaten > _BEAT_SECONDS:
            self._beaten = now
            self._beat()
