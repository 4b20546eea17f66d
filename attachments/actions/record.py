"""A change of status: on the row, and in its history. Rows that begin with their bytes are made by create."""

from datetime import datetime

import structlog

from attachments.models import Attachment, AttachmentStatusEvent
from attachments.statuses import GONE, AttachmentStatus

logger = structlog.get_logger(__name__)


def record(attachment: Attachment, status: AttachmentStatus, at: datetime, *, text: str = "", party: str = "") -> None:
    """The attachment, whose row the caller has locked, has this status, and its history says so.

    `text` is what the wire shows beside it: the status's name where there is nothing to say. Bytes of what is gone are
    left to the sweep.
    """
    attachment.status, attachment.status_text, attachment.status_changed_at = status, text or status.label, at
    if status in GONE:
        attachment.next_look_at = at if attachment.storage_key else None
    attachment.save()
    AttachmentStatusEvent.objects.create(
        attachment=attachment, status=status, text=attachment.status_text, at=at, party=party
    )
    logger.info(
        "attachment_status_changed", attachment_id=attachment.pk, status=status.label, text=attachment.status_text
    )
