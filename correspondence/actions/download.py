"""A recipient fetches a file."""

import socket
from datetime import datetime
from uuid import UUID

from django.db import transaction

from attachments.downloads import Download
from attachments.models import Attachment
from config.kernel.caller import Caller
from config.kernel.ranges import ByteRange
from correspondence import reads
from correspondence.actions.record import record
from correspondence.policies.access import check_is_available
from correspondence.statuses import Status
from recipients.parties import party_of


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
        TooManyTransfers, StorageFailed, CorrespondenceNotFound: nothing has changed.
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
    letter = reads.locked(correspondence_id)
    check_is_available(letter)  # it may have been purged since it was found
    record(letter, Status.ATTACHMENTS_DOWNLOADED, now, party=party, text=f"Attachment {attachment_id} was downloaded")
