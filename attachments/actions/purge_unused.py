"""The end of attachments that no letter uses any more (contract lifecycle.md §3)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from attachments.actions.record import record
from attachments.models import Attachment
from attachments.statuses import GONE, AttachmentStatus
from attachments.usage import usage
from config.kernel import queue

UNUSED_TEXT = "No correspondence uses the attachment any more"


@transaction.atomic
def purge_unused(*, attachment_ids: Collection[UUID], now: datetime) -> int:
    """Those of the attachments that no letter uses any more are Purged; their bytes follow. Answers how many.

    Twice is harmless. An initialize that links one of them meanwhile either comes first, and is seen here, or finds it
    purged.
    """
    locked = Attachment.objects.locked().filter(pk__in=attachment_ids).exclude(status__in=GONE).order_by("pk")
    attachments = list(locked)
    unused = usage().unused_among([attachment.pk for attachment in attachments])
    for attachment in attachments:
        if attachment.pk in unused:
            record(attachment, AttachmentStatus.PURGED, now, text=UNUSED_TEXT)
            queue.after_commit("attachments.remove_bytes", str(attachment.pk))
    return len(unused)
