"""Queue a mailing: its waiting rows become ready."""

from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from attachments.statuses import GONE
from config.kernel import queue, trace
from correspondence.actions.advance import make_ready
from correspondence.actions.attachments import fail_mailings
from correspondence.models import Mailing

# The scan's end wakes the mailing; this is for a message that was lost.
WAITING_FOR_SCAN = timedelta(seconds=60)

logger = structlog.get_logger(__name__)


@transaction.atomic
def queue_mailing(*, mailing_id: UUID, now: datetime) -> int:
    """Every waiting row of the mailing is ready; workers are woken for what is due. Answers how many became so.

    0 where an attachment is still being scanned: the last one that settles calls again. A second call finds nothing
    to do: the mailing's row is locked, and says when it was queued already.
    """
    mailing = Mailing.objects.unqueued().locked().filter(pk=mailing_id).first()
    if mailing is None:
        return 0
    with trace.within(mailing.traceparent):
        if not _files_are_there(mailing, now):
            return 0
        moved = make_ready(mailing.id, now)
        mailing.next_look_at = None
        mailing.save(update_fields=["next_look_at"])
        if mailing.requested_publish_time <= now:
            # One message for each chunk: several workers may share a mailing. Reserved letters are due as well.
            for _ in range(ceil(mailing.recipient_count / settings.PUBLISH_CHUNK)):
                queue.after_commit("correspondence.publish_due")
        logger.info("mailing_queued", mailing_id=mailing.id, correspondences=moved)
    return moved


def _files_are_there(mailing: Mailing, now: datetime) -> bool:
    """Whether every attachment is published. A mailing with one that never will be has failed."""
    missing = [link.attachment for link in mailing.attachments.in_order().unpublished()]
    lost = next((attachment for attachment in missing if attachment.status in GONE), None)
    if lost is not None:
        fail_mailings([mailing.pk], lost, now)
    elif missing:
        mailing.next_look_at = now + WAITING_FOR_SCAN
        mailing.save(update_fields=["next_look_at"])
        logger.info("mailing_waits_for_scan", mailing_id=mailing.id, attachment_ids=[row.pk for row in missing])
    return not missing
