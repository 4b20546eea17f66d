"""Bytes on their way out: opened before anything is answered, watched while they go."""

import socket
import time
from collections.abc import Hashable, Iterator
from itertools import chain

import structlog
from django.conf import settings

from attachments.errors import StorageFailed
from attachments.metrics import BYTES
from attachments.models import Attachment
from attachments.policies import check_is_not_gone
from attachments.storage import storage
from attachments.storage.port import BytesMissing, Chunks, StorageUnavailable
from config.kernel import body_watch
from config.kernel.database import give_back
from config.kernel.errors import DomainError
from config.kernel.ranges import ByteRange
from config.kernel.transfers import downloads

logger = structlog.get_logger(__name__)


class Download:
    """The bytes of one attachment, or a part of them. Holds one of the process's slots until it is closed."""

    def __init__(
        self, attachment: Attachment, part: ByteRange | None, connection: socket.socket | None, who: Hashable
    ) -> None:
        """Opened, and the first bytes are there.

        Raises:
            TooManyTransfers: no slot is free.
            StorageFailed: the bytes cannot be fetched.
        """
        self._attachment_id, self._left = attachment.pk, part.length if part else attachment.size or 0
        self._who, self._end = who, time.monotonic() + settings.UPLOAD_MOST_SECONDS
        downloads.take(who)
        try:
            self._source = _opened(attachment, part.start if part else 0, self._left)
            self._first = _first_of(self._source, attachment)
        except BaseException:
            downloads.release(self._who)
            raise
        self._watch = body_watch.transfer_watch(connection, outgoing=True)
        self._watch.stand_still()
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        body_watch.start(self._watch)
        try:
            for chunk in chain([self._first], self._source):
                self._left -= len(chunk)
                self._watch.go_on()
                BYTES.labels("out").inc(len(chunk))
                yield chunk
                self._watch.stand_still()
                if self._left and time.monotonic() > self._end:
                    raise StorageUnavailable("it took longer than UPLOAD_MOST_SECONDS")
            if self._left:
                raise StorageUnavailable(f"{self._left} bytes are missing")
        except StorageUnavailable as error:
            # The answer has begun: all that is left is to end it short of its length, which the client sees.
            logger.error("download_broke_off", attachment_id=self._attachment_id, error=str(error))
            raise

    def close(self) -> None:
        """The slot is free, and the storage's file closed; twice is harmless."""
        if not self._closed:
            self._closed = True
            body_watch.stop(self._watch)
            downloads.release(self._who)
            self._source.close()


def _opened(attachment: Attachment, start: int, length: int) -> Chunks:
    give_back()  # a storage that hangs must not hold the database's connections
    try:
        return storage().open(attachment.storage_key, start, length)
    except BytesMissing as error:
        raise _not_there(attachment) from error
    except StorageUnavailable as error:
        raise _failed(attachment, str(error)) from error


def _first_of(source: Chunks, attachment: Attachment) -> bytes:
    """What comes first, fetched before anything is answered."""
    try:
        return next(source)
    except (StopIteration, BytesMissing) as error:
        raise _not_there(attachment) from error
    except StorageUnavailable as error:
        raise _failed(attachment, str(error)) from error


def _not_there(attachment: Attachment) -> DomainError:
    """It may have been deleted since its row was read; else bytes are lost, and somebody has to know."""
    attachment.refresh_from_db(fields=["status", "status_changed_at"])
    try:
        check_is_not_gone(attachment, None, attachment.status_changed_at)
    except DomainError as error:
        return error
    return _failed(attachment, "the bytes are not there")


def _failed(attachment: Attachment, reason: str) -> StorageFailed:
    logger.error("bytes_not_fetched", attachment_id=attachment.pk, storage_key=attachment.storage_key, reason=reason)
    return StorageFailed(reason=reason)
