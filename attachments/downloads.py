"""Bytes on their way out: opened before anything is answered, watched while they go."""

import socket
from collections.abc import Iterator
from itertools import chain

import structlog
from django.conf import settings

from attachments.errors import StorageFailed
from attachments.models import Attachment
from attachments.storage import storage
from attachments.storage.port import BytesMissing, Chunks, StorageUnavailable
from config.kernel import body_watch
from config.kernel.ranges import ByteRange
from config.kernel.transfers import downloads

logger = structlog.get_logger(__name__)


class Download:
    """The bytes of one attachment, or a part of them. Holds one of the process's slots until it is closed."""

    def __init__(self, attachment: Attachment, part: ByteRange | None, connection: socket.socket | None) -> None:
        """Opened, and the first bytes are there.

        Raises:
            TooManyTransfers: no slot is free.
            StorageFailed: the bytes can not be fetched.
        """
        self._attachment_id = attachment.pk
        downloads.take()
        try:
            self._chunks, self._source = _opened(attachment, part)
        except BaseException:
            downloads.release()
            raise
        least = max(1, int(settings.TRANSFER_WINDOW_SECONDS * settings.TRANSFER_LEAST_BYTES_PER_SECOND))
        self._watch = body_watch.Watch(connection, settings.TRANSFER_WINDOW_SECONDS, least, how=socket.SHUT_RDWR)
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        body_watch.start(self._watch)
        try:
            for chunk in self._chunks:
                yield chunk
                self._watch.progress(len(chunk))
        except StorageUnavailable as error:
            # The answer has begun: all that is left is to end it short of its length.
            logger.error("download_broke_off", attachment_id=self._attachment_id, error=str(error))
            raise

    def close(self) -> None:
        """The slot is free, and the storage's file closed; twice is harmless."""
        if not self._closed:
            self._closed = True
            body_watch.stop(self._watch)
            downloads.release()
            self._source.close()


def _opened(attachment: Attachment, part: ByteRange | None) -> tuple[Iterator[bytes], Chunks]:
    """All chunks, the first of which was fetched, and what has to be closed."""
    start, length = (part.start, part.length) if part else (0, None)
    try:
        source = storage().open(attachment.storage_key, start, length)
        first = next(source, b"")
    except BytesMissing as error:
        raise StorageFailed(reason="the bytes are not there") from error
    except StorageUnavailable as error:
        raise StorageFailed(reason=str(error)) from error
    return chain([first], source), source
