"""The end of attachments whose last link has passed (contract lifecycle.md §7)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from attachments import policies
from attachments.actions.counts import count
from attachments.actions.record import record
from attachments.models import Attachment
from attachments.statuses import AttachmentStatus
from config.kernel import queue

EXPIRED_TEXT = "The attachment has expired"


@transaction.atomic
def expire_overdue(*, attachment_ids: Collection[UUID], now: datetime) -> int:
    """Those of the attachments whose last link has expired are Expired; their bytes follow. Answers how many.

    Twice is harmless. An initialize that links one of them meanwhile either comes first, and is seen here, or finds it
    expired.
    """
    attachments = list(Attachment.objects.locked().filter(pk__in=attachment_ids).order_by("pk"))
    expired = 0
    for attachment in policies.overdue(attachments, now):
        record(attachment, AttachmentStatus.EXPIRED, now, text=EXPIRED_TEXT)
        queue.after_commit("attachments.remove_bytes", str(attachment.pk))
        expired += 1
    count(now, expired=expired)
    return expired
