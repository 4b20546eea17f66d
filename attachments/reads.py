"""What callers may look at, found and checked."""

from datetime import datetime
from uuid import UUID

from attachments.errors import AttachmentNotFound
from attachments.models import Attachment
from attachments.policies import check_is_sender, check_sender_can_download
from config.kernel.caller import Caller


def for_sender(*, caller: Caller, attachment_id: UUID) -> Attachment:
    """The attachment with its owner, for one who may act for it.

    Raises:
        AttachmentNotFound: there is none; told before access is looked at (contract access.md §4).
        NoAccess: it is another owner's.
    """
    attachment = Attachment.objects.with_owner().filter(pk=attachment_id).first()
    if attachment is None:
        raise AttachmentNotFound
    check_is_sender(caller, attachment)
    return attachment


def to_download(*, caller: Caller, attachment_id: UUID, now: datetime) -> Attachment:
    """The same, with bytes that its sender may fetch still.

    Raises:
        AttachmentNotFound, NoAccess: as above.
        DownloadOfPurged, DownloadOfExpired, SenderDownloadClosed, AttachmentHasNoBytes: it may not be fetched.
    """
    attachment = for_sender(caller=caller, attachment_id=attachment_id)
    check_sender_can_download(attachment, now)
    return attachment
