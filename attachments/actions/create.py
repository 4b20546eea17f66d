"""Rows of attachments: one that waits for its bytes, or many whose bytes are there."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from attachments.actions.settle import BYPASSED
from attachments.drafts import FileDraft, StoredFile
from attachments.models import Attachment, AttachmentStatusEvent
from attachments.scanners import scanner
from attachments.statuses import AttachmentStatus
from attachments.storage.port import key_of
from config.kernel import queue, trace
from registry.models import Resource

logger = structlog.get_logger(__name__)


def new_attachment(draft: FileDraft, *, resource: Resource, party: str, now: datetime) -> Attachment:
    """The row as it begins, not saved yet. `party` is who acts."""
    return Attachment(
        resource=resource,
        owner=resource.owner,
        created_at=now,
        created_by=party,
        traceparent=trace.current(),
        file_name=draft.file_name,
        display_name=draft.display_name,
        is_encrypted=draft.is_encrypted,
        checksum=draft.checksum,
        senders_reference=draft.senders_reference,
        expiration_in_days=draft.expiration_in_days,
        status_text=AttachmentStatus.INITIALIZED.label,
        status_changed_at=now,
    )


def create_with_bytes(
    pairs: Sequence[tuple[FileDraft, StoredFile]], *, resource: Resource, party: str, now: datetime
) -> list[Attachment]:
    """Rows for files that lie in the storage, in this order: published, or waiting for the malware scanner.

    For a transaction of the caller's; two statements however many there are.
    """
    scanned = scanner() is not None
    statuses = [AttachmentStatus.INITIALIZED, AttachmentStatus.UPLOAD_PROCESSING]
    statuses += [] if scanned else [AttachmentStatus.PUBLISHED]
    attachments = [_with_bytes(draft, file, resource=resource, party=party, now=now) for draft, file in pairs]
    for attachment in attachments:
        attachment.status, attachment.status_text = statuses[-1], _text(statuses[-1], scanned)
        attachment.next_look_at = now if scanned else None
    Attachment.objects.bulk_create(attachments)
    AttachmentStatusEvent.objects.bulk_create(
        AttachmentStatusEvent(
            attachment=attachment, status=status, text=_text(status, scanned), at=now, party=attachment.created_by
        )
        for attachment in attachments
        for status in statuses
    )
    if scanned:
        queue.after_commit("attachments.sweep")  # one message for a hundred files: the worker wakes a scan for each
    for attachment in attachments:
        logger.info("attachment_created", attachment_id=attachment.pk, text=attachment.status_text)
    return attachments


def _with_bytes(draft: FileDraft, file: StoredFile, *, resource: Resource, party: str, now: datetime) -> Attachment:
    attachment = new_attachment(draft, resource=resource, party=party, now=now)
    attachment.id, attachment.storage_key = file.id, key_of(file.id)
    attachment.size, attachment.checksum = file.size, file.checksum
    return attachment


def _text(status: AttachmentStatus, scanned: bool) -> str:
    return BYPASSED if status == AttachmentStatus.PUBLISHED and not scanned else status.label
