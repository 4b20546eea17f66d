"""Find what was left behind: dead uploads, scans that nobody woke, bytes of what is gone, bytes that nobody names."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from attachments.actions.counts import count
from attachments.actions.record import record
from attachments.models import Attachment
from attachments.querysets import AttachmentQuerySet
from attachments.statuses import GONE, AttachmentStatus
from attachments.storage import storage
from attachments.storage.port import StorageUnavailable, key_of, stored_at
from config.kernel import queue, shutdown
from config.kernel.database import give_back

_NEXT_LOOK = timedelta(seconds=60)
_BATCH = 1000
DIED_TEXT = "The upload broke off: the service that took it in was stopped"

logger = structlog.get_logger(__name__)


def sweep(*, now: datetime) -> None:
    """Uploads that died are Failed; workers are woken for scans and for bytes to remove. Twice is harmless.

    Each as far as its own queue has room: letters wait for scans, and cleaning may be behind by thousands.
    """
    found = Attachment.objects.looked_at(now)
    _look(found.exclude(status__in=GONE), now, queue.room(queue.SCAN))
    _look(found.filter(status__in=GONE), now, queue.room(queue.MAINTENANCE))


@transaction.atomic
def _look(found: AttachmentQuerySet, now: datetime, room: int) -> None:
    looked_at, died = list(found.select_for_update(skip_locked=True, of=("self",))[:room]), 0
    for attachment in looked_at:
        task = _task_for(attachment)
        if task is None:
            died += 1
            attachment.storage_key = key_of(attachment.pk)  # whatever may lie there goes
            record(attachment, AttachmentStatus.FAILED, now, text=DIED_TEXT)
            task = "attachments.remove_bytes"
        queue.after_commit(task, str(attachment.pk))
    Attachment.objects.filter(pk__in=[attachment.pk for attachment in looked_at]).update(next_look_at=now + _NEXT_LOOK)
    count(now, dead_uploads=died)


def _task_for(attachment: Attachment) -> str | None:
    """Which task the attachment waits for; None if its upload died."""
    if attachment.status in GONE:
        return "attachments.remove_bytes"
    return "attachments.scan" if attachment.storage_key else None


def remove_bytes(*, attachment_id: UUID, now: datetime) -> bool:
    """The bytes of an attachment that is gone are removed. Answers False where there is nothing to do, or not yet.

    A storage that is down is tried again by the sweep.
    """
    attachment = Attachment.objects.filter(pk=attachment_id, status__in=GONE).exclude(storage_key="").first()
    if attachment is None:
        return False
    named = Attachment.objects.filter(pk=attachment_id, storage_key=attachment.storage_key)
    give_back()
    try:
        storage().delete(attachment.storage_key)
    except StorageUnavailable as error:
        named.update(next_look_at=now + _NEXT_LOOK, last_error=str(error))
        logger.warning("bytes_not_removed", attachment_id=attachment_id, error=str(error))
        return False
    with transaction.atomic():
        removed = named.update(storage_key="", next_look_at=None, last_error="")
        count(now, files_removed=removed)
    return bool(removed)


def remove_orphans(*, now: datetime, days: int | None = None) -> int:
    """Bytes that no attachment names, older than any upload may last, are removed. Answers how many files.

    Looks at the last so many days before that age, or at all that lie there.

    Raises:
        StorageUnavailable: the storage is down; the next run goes on.
    """
    eldest = now - timedelta(seconds=settings.ORPHAN_AFTER_SECONDS)
    keys = storage().list() if days is None else _of_days(eldest, days)
    removed = 0
    for batch in _batches(key for key in keys if stored_at(key) < eldest):
        if shutdown.is_under_way():
            break
        for key in _unnamed(batch):
            storage().delete(key)
            removed += 1
            logger.warning("orphaned_bytes_removed", storage_key=key)
    count(now, orphans_removed=removed)
    return removed


def _of_days(last: datetime, days: int) -> Iterator[str]:
    for back in range(days):
        yield from storage().list(f"{last - timedelta(days=back):%Y-%m-%d}/")


def _unnamed(keys: list[str]) -> set[str]:
    """Those that no row names, but for uploads that go on: a row names its bytes only when they are whole."""
    ids = {key.rpartition("/")[2]: key for key in keys}
    known = Attachment.objects.filter(pk__in=ids).filter(
        ~Q(storage_key="") | Q(status=AttachmentStatus.UPLOAD_PROCESSING)
    )
    return set(keys) - {ids[str(pk)] for pk in known.values_list("pk", flat=True)}


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    walker = iter(keys)
    while batch := list(islice(walker, _BATCH)):
        yield batch
