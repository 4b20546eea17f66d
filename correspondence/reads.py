"""What callers may look at, found and checked."""

from datetime import datetime
from uuid import UUID

from attachments.errors import AttachmentNotFound
from attachments.models import Attachment
from attachments.policies import check_has_bytes, check_is_not_gone
from config.kernel.caller import Caller
from correspondence.errors import CorrespondenceNotFound
from correspondence.models import Correspondence, MailingAttachment
from correspondence.policies.access import check_is_available, check_may_have


def found(correspondence_id: UUID) -> Correspondence:
    """The correspondence with its mailing, for whoever calls: access is looked at next (contract access.md §4).

    Raises:
        CorrespondenceNotFound: there is none.
    """
    correspondence = Correspondence.objects.with_mailing().filter(pk=correspondence_id).first()
    if correspondence is None:
        raise CorrespondenceNotFound
    return correspondence


def locked(correspondence_id: UUID) -> Correspondence:
    """The same, which nobody else changes until the transaction ends.

    Raises:
        CorrespondenceNotFound: its history was removed since it was found.
    """
    correspondence = Correspondence.objects.locked().with_mailing().filter(pk=correspondence_id).first()
    if correspondence is None:
        raise CorrespondenceNotFound
    return correspondence


def attachment_for_recipient(
    *, caller: Caller, correspondence_id: UUID, attachment_id: UUID, now: datetime
) -> Attachment:
    """An attachment of a correspondence, with bytes, for one to whom it is addressed (contract lifecycle.md §3).

    Raises:
        CorrespondenceNotFound: there is none, or it is not available to its recipient.
        AttachmentNotFound: the correspondence does not carry it.
        NoAccess, LevelTooLow: it is addressed to somebody else, or its resource is not the caller's to read.
        DownloadOfPurged, DownloadOfExpired, AttachmentHasNoBytes: the bytes are not to be had.
    """
    correspondence = found(correspondence_id)
    links = MailingAttachment.objects.filter(mailing=correspondence.mailing_id, attachment=attachment_id)
    link = links.select_related("attachment").first()
    if link is None:
        raise AttachmentNotFound
    check_may_have(caller, correspondence, link.attachment)
    check_is_not_gone(link.attachment, link.expiration_time, now)
    check_is_available(correspondence)
    check_has_bytes(link.attachment)
    return link.attachment
