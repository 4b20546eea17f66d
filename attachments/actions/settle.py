"""The end of an upload: published, or failed for good."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from attachments.actions.record import record
from attachments.models import Attachment
from attachments.scanners.port import Verdict
from attachments.signals import settled
from attachments.statuses import AttachmentStatus
from config.kernel import queue, trace

BYPASSED = "Published; no malware scanner is configured"


def await_scan(attachment: Attachment, now: datetime) -> None:
    """The scanner is woken once the transaction commits; a lost message is found by the sweep. Does not save."""
    attachment.next_look_at = now + timedelta(seconds=settings.FORGOTTEN_AFTER_SECONDS)
    queue.after_commit("attachments.scan", str(attachment.pk))


@transaction.atomic
def settle(*, attachment_id: UUID, verdict: Verdict, now: datetime) -> bool:
    """The scanner's verdict stands, and everything that waited for it moves in the same transaction.

    Answers False where it came too late: the attachment is settled, or deleted.
    """
    attachment = Attachment.objects.scanning().locked().filter(pk=attachment_id).first()
    if attachment is None:
        return False
    with trace.within(attachment.traceparent):
        finish(attachment, verdict, now)
    return True


def finish(attachment: Attachment, verdict: Verdict, now: datetime) -> None:
    """The same for a row that the caller has locked."""
    attachment.next_look_at, attachment.scan_leased_until, attachment.last_error = None, None, ""
    if verdict.clean:
        record(attachment, AttachmentStatus.PUBLISHED, now, text=verdict.text)
    else:
        record(attachment, AttachmentStatus.FAILED, now, text=verdict.text)
        queue.after_commit("attachments.remove_bytes", str(attachment.pk))
    settled.send(sender=Attachment, attachment=attachment, now=now)
