"""The retention as it runs at a time, and what it leaves."""

from datetime import datetime, timedelta

from attachments.actions import remove_bytes
from attachments.models import Attachment, AttachmentStatusEvent
from config.kernel import clock
from correspondence import actions
from correspondence.models import Correspondence, Mailing, MailingAttachment, StatusEvent

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
KEY = "6f1f0f0e-8a44-4d0b-9a57-0d6f2f6f8c21"


def run(at: datetime) -> None:
    """A whole run at this moment."""
    actions.apply_retention(now=at)


def rows() -> tuple[int, ...]:
    """How many rows there are of each table that it removes from."""
    models = (Mailing, Correspondence, StatusEvent, MailingAttachment, Attachment, AttachmentStatusEvent)
    return tuple(model.objects.count() for model in models)


def remove_all_bytes() -> None:
    """What ended has no bytes any more."""
    for attachment_id in Attachment.objects.values_list("pk", flat=True):
        remove_bytes(attachment_id=attachment_id, now=clock.now())
