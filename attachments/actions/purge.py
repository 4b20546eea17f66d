"""Delete an attachment that no correspondence carries."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from attachments import policies, reads
from attachments.actions.record import record
from attachments.models import Attachment
from attachments.statuses import AttachmentStatus
from config.kernel import queue
from config.kernel.caller import Caller
from registry.acting import acting_party

PURGED_TEXT = "The attachment was deleted by its sender"


@transaction.atomic
def purge(*, caller: Caller, attachment_id: UUID, now: datetime) -> None:
    """The attachment is Purged; its bytes follow.

    Raises:
        AttachmentNotFound, NoAccess, AlreadyPurged, AttachmentExpired, AttachmentInUse: nothing has changed.
    """
    found = reads.for_sender(caller=caller, attachment_id=attachment_id)
    owner = found.owner
    policies.check_can_be_purged(found)  # what is refused locks nothing: letters that are due wait for it
    attachment = Attachment.objects.locked().get(pk=attachment_id)
    policies.check_can_be_purged(attachment)
    record(attachment, AttachmentStatus.PURGED, now, text=PURGED_TEXT, party=acting_party(caller, owner))
    queue.after_commit("attachments.remove_bytes", str(attachment_id))
