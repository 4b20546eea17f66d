"""Ask the malware scanner about a stored file."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
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
from config.kernel import queue, shutdown, trace
from config.kernel.database import give_back

_LONGEST_ERROR = 2000
# A worker that is to end goes on so long with a file; it is killed after 30 s where Kubernetes runs it.
_FINISHED_IN_SECONDS = 10.0

logger = structlog.get_logger(__name__)


def scan(*, attachment_id: UUID, clock: Callable[[], datetime]) -> bool:
    """The file is settled by the scanner's verdict, or waits for another try. Answers whether it is settled now.

    Twice is harmless: one worker at a time has it in hand. Bytes that cannot be found are a fault of the surroundings,
    a share that is not mounted perhaps, and no reason to fail every letter that waits for them.

    Raises:
        TookTooLong: it lasted longer than SCAN_TASK_SECONDS; it is tried again.
    """
    attachment = Attachment.objects.scanning().filter(pk=attachment_id).first()
    if attachment is None or not _take(attachment, clock()):
        return False
    with trace.within(attachment.traceparent):
        try:
            with renewed(lambda: _renew(attachment, clock()), settings.SCAN_LEASE_SECONDS):
                verdict = _verdict(attachment)
        except _HandedOver:
            _hand_over(attachment, clock())
            return False
        except (ScannerUnavailable, StorageUnavailable, BytesMissing) as error:
            _put_off(attachment, error, clock())
            return False
        except queue.TookTooLong as error:
            _put_off(attachment, error, clock())
            raise
        return settle(attachment_id=attachment.pk, verdict=verdict, now=clock())


def _verdict(attachment: Attachment) -> Verdict:
    chosen = scanner()
    if chosen is None:  # the setting has changed since
        return Verdict(clean=True, text=BYPASSED)
    give_back()
    with closing(storage().open(attachment.storage_key)) as chunks:
        verdict = chosen.scan(_while_there_is_time(chunks))
    SCANS.labels("clean" if verdict.clean else "refused").inc()
    return verdict


class _HandedOver(Exception):
    """This worker is to end before the scanner has the whole file."""


def _while_there_is_time(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if shutdown.is_under_way(for_seconds=_FINISHED_IN_SECONDS):
            raise _HandedOver
        yield chunk


def _hand_over(attachment: Attachment, now: datetime) -> None:
    """The file is free for another worker, which begins anew with it at once."""
    with transaction.atomic():
        Attachment.objects.scanning().filter(pk=attachment.pk).update(scan_leased_until=None, next_look_at=now)
        queue.after_commit("attachments.scan", str(attachment.pk))
    logger.info("scan_handed_over", attachment_id=attachment.pk)


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
