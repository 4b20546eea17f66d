"""A recipient fetches a file."""

import socket
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models.functions import Greatest

from attachments.downloads import Download
from attachments.models import Attachment
from config.kernel.caller import Caller
from config.kernel.ranges import ByteRange
from correspondence.models import Correspondence, StatusEvent
from correspondence.statuses import Status
from recipients.parties import party_of

logger = structlog.get_logger(__name__)


def download(
    *,
    caller: Caller,
    correspondence_id: UUID,
    attachment: Attachment,
    part: ByteRange | None,
    connection: socket.socket | None,
    now: datetime,
) -> Download:
    """The bytes, opened, and AttachmentsDownloaded in the history: once for each request that includes the first byte.

    In this order, so that a storage that is down leaves no entry.

    Raises:
        TooManyTransfers, StorageFailed: nothing has changed.
    """
    opened = Download(attachment, part, connection, caller.identity)
    try:
        if part is None or part.start == 0:
            _note(correspondence_id, attachment.pk, party_of(caller) or "", now)
    except BaseException:
        opened.close()
        raise
    return opened


@transaction.atomic
def _note(correspondence_id: UUID, attachment_id: UUID, party: str, now: datetime) -> None:
    status = Status.ATTACHMENTS_DOWNLOADED
    Correspondence.objects.filter(pk=correspondence_id).update(status=Greatest("status", status.value))
    StatusEvent.objects.create(
        correspondence_id=correspondence_id,
        status=status,
        text=f"Attachment {attachment_id} was downloaded",
        at=now,
        party=party,
    )
    logger.info("attachment_downloaded", correspondence_id=correspondence_id, attachment_id=attachment_id)
