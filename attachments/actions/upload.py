"""Take in the bytes of one attachment (contract lifecycle.md §7)."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from attachments import errors, policies, reads
from attachments.actions.clean import remove_bytes
from attachments.actions.leases import renewed
from attachments.actions.record import record
from attachments.actions.settle import BYPASSED, await_scan, finish
from attachments.actions.store import store_file
from attachments.drafts import StoredFile
from attachments.models import Attachment
from attachments.scanners import scanner
from attachments.scanners.port import Verdict
from attachments.statuses import GONE, AttachmentStatus
from attachments.storage.port import key_of
from config.kernel.caller import Caller
from config.kernel.database import PASSING, give_back
from config.kernel.errors import DomainError
from config.kernel.readable import Readable
from registry.acting import acting_party

logger = structlog.get_logger(__name__)

_PAUSES_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


def upload(
    *, caller: Caller, attachment_id: UUID, body: Readable, announced: int | None, clock: Callable[[], datetime]
) -> Attachment:
    """The bytes are stored, counted and checked, and wait for the malware scanner, or are published without one.

    `announced` is the body's length in bytes, None where it comes in chunks.

    Raises:
        AttachmentNotFound, NoAccess, InvalidFileSize, UploadAlreadyStarted: nothing has changed.
        InvalidFileSize, UploadBrokeOff, UploadTooSlow, StorageFailed, ChecksumDiffers: the attachment is Failed.
        AlreadyPurged, UploadTakenForDead: that happened while the bytes came in.
        UploadOutcomeUnknown: the database was gone for a minute when they were all there.
    """
    attachment = reads.for_sender(caller=caller, attachment_id=attachment_id)
    _check_announced(announced)
    _begin(attachment_id, acting_party(caller, attachment.owner), clock())
    give_back()
    with renewed(partial(_renew_lease, attachment_id, clock), settings.UPLOAD_LEASE_SECONDS) as lost:
        try:
            stored = _store(attachment, _WhileWanted(body, attachment_id, lost))
        except Exception as error:
            _fail(attachment_id, error, clock())
            raise
        finished = _finish_patiently(attachment_id, stored, clock)
    _check_still_wanted(finished)
    return finished


def _check_still_wanted(attachment: Attachment) -> None:
    if attachment.status == AttachmentStatus.PURGED:
        raise errors.AlreadyPurged
    if attachment.status in GONE:
        raise errors.UploadTakenForDead


def _check_announced(length: int | None) -> None:
    limit = settings.MAX_UPLOAD_BYTES
    if length == 0:
        raise errors.InvalidFileSize(limit=limit, what="this one is empty")
    if length is not None and length > limit:
        raise errors.InvalidFileSize(limit=limit, what=f"this one has {length:,}")


@transaction.atomic
def _begin(attachment_id: UUID, party: str, now: datetime) -> None:
    """Of two uploads at once exactly one gets past here."""
    attachment = Attachment.objects.locked().get(pk=attachment_id)
    policies.check_can_be_uploaded(attachment)
    attachment.next_look_at = now + timedelta(seconds=settings.UPLOAD_LEASE_SECONDS)
    record(attachment, AttachmentStatus.UPLOAD_PROCESSING, now, party=party)


def _store(attachment: Attachment, body: Readable) -> StoredFile:
    stored = store_file(attachment.pk, attachment.file_name, body, limit=settings.MAX_UPLOAD_BYTES)
    if stored.size == 0:
        raise errors.InvalidFileSize(limit=settings.MAX_UPLOAD_BYTES, what="this one is empty")
    if fault := policies.checksum_fault(attachment.checksum, stored, what="the bytes"):
        raise fault
    return stored


class _WhileWanted:
    """The body, until its attachment was deleted or taken for dead: nobody needs the rest."""

    def __init__(self, body: Readable, attachment_id: UUID, lost: Event) -> None:
        self._body, self._id, self._lost = body, attachment_id, lost

    def read(self, size: int) -> bytes:
        if self._lost.is_set():
            _check_still_wanted(Attachment.objects.get(pk=self._id))
        return self._body.read(size)


def _renew_lease(attachment_id: UUID, clock: Callable[[], datetime]) -> int:
    """The sweep takes an upload for dead whose lease has run out."""
    lease = clock() + timedelta(seconds=settings.UPLOAD_LEASE_SECONDS)
    return Attachment.objects.uploading().filter(pk=attachment_id).update(next_look_at=lease)


def _finish_patiently(attachment_id: UUID, stored: StoredFile, clock: Callable[[], datetime]) -> Attachment:
    """A database that is gone for a moment must not cost the sender an upload of an hour."""
    for pause in _PAUSES_SECONDS:
        try:
            return _finish(attachment_id, stored, clock())
        except PASSING as error:
            logger.warning("upload_not_finished", attachment_id=attachment_id, error=str(error))
            give_back()
            time.sleep(pause)
    raise errors.UploadOutcomeUnknown


@transaction.atomic
def _finish(attachment_id: UUID, stored: StoredFile, now: datetime) -> Attachment:
    attachment = Attachment.objects.with_owner().locked().get(pk=attachment_id)
    key = key_of(attachment_id)
    if attachment.storage_key == key and attachment.status in (
        AttachmentStatus.UPLOAD_PROCESSING,
        AttachmentStatus.PUBLISHED,
    ):
        return attachment  # an earlier try was committed, and its answer got lost
    if attachment.status != AttachmentStatus.UPLOAD_PROCESSING:
        _drop_late(attachment, key)
        return attachment
    attachment.storage_key, attachment.size, attachment.checksum = key, stored.size, stored.checksum
    if scanner() is None:
        finish(attachment, Verdict(clean=True, text=BYPASSED), now)
    else:
        await_scan(attachment, now)
        attachment.save()
    return attachment


def _drop_late(attachment: Attachment, key: str) -> None:
    """Deleted, or taken for dead, while its bytes came in."""
    attachment.storage_key, attachment.next_look_at = key, attachment.status_changed_at
    attachment.save()


@transaction.atomic
def _mark_failed(attachment_id: UUID, reason: str, now: datetime) -> None:
    attachment = Attachment.objects.locked().get(pk=attachment_id)
    if attachment.status == AttachmentStatus.UPLOAD_PROCESSING:
        attachment.storage_key = key_of(attachment_id)  # whatever may lie there goes
        record(attachment, AttachmentStatus.FAILED, now, text=reason)


def _fail(attachment_id: UUID, error: Exception, now: datetime) -> None:
    """Never in the way of the error that it tells of: what it leaves is found by the sweep."""
    reason = error.detail if isinstance(error, DomainError) else "The service failed while the bytes came in."
    try:
        _mark_failed(attachment_id, reason, now)
        remove_bytes(attachment_id=attachment_id, now=now)
    except PASSING as failure:
        logger.warning("failed_upload_not_marked", attachment_id=attachment_id, error=str(failure))
