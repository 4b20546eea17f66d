"""Ask the malware scanner about a stored file."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings

from attachments.actions.settle import BYPASSED, settle
from attachments.models import Attachment
from attachments.scanners import scanner
from attachments.scanners.port import ScannerUnavailable, Verdict
from attachments.storage import storage
from attachments.storage.port import BytesMissing, StorageUnavailable
from config.kernel import trace
from config.kernel.database import give_back

_BEAT_SECONDS = 20.0
_LONGEST_ERROR = 2000
_LEAST_LEASE_SECONDS = 30.0
_SLOW_SCAN_BYTES_PER_SECOND = 1_000_000

logger = structlog.get_logger(__name__)


def scan(*, attachment_id: UUID, clock: Callable[[], datetime]) -> bool:
    """The file is settled by the scanner's verdict, or waits for another try. Answers whether it is settled now.

    Twice is harmless: the second verdict finds nothing that waits for it.
    """
    attachment = Attachment.objects.scanning().filter(pk=attachment_id).first()
    if attachment is None:
        return False
    with trace.within(attachment.traceparent):
        _look_again(attachment, clock() + _lease(attachment))
        try:
            verdict = _verdict(attachment, clock)
        except (ScannerUnavailable, StorageUnavailable) as error:
            _put_off(attachment, error, clock())
            return False
        return settle(attachment_id=attachment.pk, verdict=verdict, now=clock())


def _verdict(attachment: Attachment, clock: Callable[[], datetime]) -> Verdict:
    chosen = scanner()
    if chosen is None:  # the setting has changed since
        return Verdict(clean=True, text=BYPASSED)
    give_back()
    try:
        return chosen.scan(_chunks(attachment, clock))
    except BytesMissing:
        return Verdict(clean=False, text="The stored bytes are gone; nothing could be scanned.")


def _chunks(attachment: Attachment, clock: Callable[[], datetime]) -> Iterator[bytes]:
    beaten = time.monotonic()
    for chunk in storage().open(attachment.storage_key):
        yield chunk
        if time.monotonic() - beaten > _BEAT_SECONDS:
            beaten = time.monotonic()
            _look_again(attachment, clock() + _lease(attachment))


def _lease(attachment: Attachment) -> timedelta:
    """How long the scan may say nothing before the sweep wakes another: a small file must not wait for a large one."""
    seconds = _LEAST_LEASE_SECONDS + (attachment.size or 0) / _SLOW_SCAN_BYTES_PER_SECOND
    return timedelta(seconds=min(seconds, settings.SCAN_LEASE_SECONDS))


def _look_again(attachment: Attachment, at: datetime) -> None:
    Attachment.objects.scanning().filter(pk=attachment.pk).update(next_look_at=at)


def _put_off(attachment: Attachment, error: Exception, now: datetime) -> None:
    text = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
    again = now + timedelta(seconds=settings.SCAN_RETRY_SECONDS)
    Attachment.objects.scanning().filter(pk=attachment.pk).update(next_look_at=again, last_error=text)
    logger.warning("attachment_not_scanned", attachment_id=attachment.pk, error=text)
