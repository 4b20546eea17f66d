"""Ask the malware scanner about a stored file."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import Q

from attachments.actions.leases import renewed
from attachments.actions.settle import BYPASSED, settle
from attachments.metrics import SCANS
from attachments.models import Attachment
from attachments.querysets import AttachmentQuerySet
from attachments.scanners import scanner
from attachments.scanners.port import ScannerUnavailable, Verdict
from attachments.storage import storage
from attachments.storage.port import BytesMissing, StorageUnavailable
from config.kernel import trace
from config.kernel.database import give_back

_LONGEST_ERROR = 2000

logger = structlog.get_logger(__name__)


def scan(*, attachment_id: UUID, clock: Callable[[], datetime]) -> bool:
    """The file is settled by the scanner's verdict, or waits for another try. Answers whether it is settled now.

    Twice is harmless: one worker at a time has it in hand. Bytes that cannot be found are a fault of the surroundings,
    a share that is not mounted perhaps, and no reason to fail every letter that waits for them.
    """
    attachment = Attachment.objects.scanning().filter(pk=attachment_id).first()
    if attachment is None or not _take(attachment, clock()):
        return False
    with trace.within(attachment.traceparent):
        try:
            with renewed(lambda: _renew(attachment, clock()), settings.SCAN_LEASE_SECONDS):
                verdict = _verdict(attachment)
        except (ScannerUnavailable, StorageUnavailable, BytesMissing) as error:
            _put_off(attachment, error, clock())
            return False
        return settle(attachment_id=attachment.pk, verdict=verdict, now=clock())


def _verdict(attachment: Attachment) -> Verdict:
    chosen = scanner()
    if chosen is None:  # the setting has changed since
        return Verdict(clean=True, text=BYPASSED)
    give_back()
    with closing(storage().open(attachment.storage_key)) as chunks:
        verdict = chosen.scan(chunks)
    SCANS.labels("clean" if verdict.clean else "refused").inc()
    return verdict


def _take(attachment: Attachment, now: datetime) -> bool:
    """Whether nobody else has it in hand: then we have, for as long as the lease is renewed."""
    free = Q(scan_leased_until=None) | Q(scan_leased_until__lt=now)
    return bool(_lease(Attachment.objects.scanning().filter(free, pk=attachment.pk), now))


def _renew(attachment: Attachment, now: datetime) -> int:
    return _lease(Attachment.objects.scanning().filter(pk=attachment.pk), now)


def _lease(rows: AttachmentQuerySet, now: datetime) -> int:
    until = now + timedelta(seconds=settings.SCAN_LEASE_SECONDS)
    return rows.update(scan_leased_until=until, next_look_at=until)


def _put_off(attachment: Attachment, error: Exception, now: datetime) -> None:
    if isinstance(error, ScannerUnavailable):
        SCANS.labels("unavailable").inc()
    text = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
    again = now + timedelta(seconds=settings.SCAN_RETRY_SECONDS)
    waiting = Attachment.objects.scanning().filter(pk=attachment.pk)
    waiting.update(next_look_at=again, scan_leased_until=None, last_error=text)
    logger.warning("attachment_not_scanned", attachment_id=attachment.pk, error=text)
