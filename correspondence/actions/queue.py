"""Queue a mailing: its waiting rows become ready."""

from datetime import datetime
from math import ceil
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from config.kernel import queue, trace
from correspondence.actions.advance import make_ready
from correspondence.models import Mailing

logger = structlog.get_logger(__name__)


@transaction.atomic
def queue_mailing(*, mailing_id: UUID, now: datetime) -> int:
    """Every waiting row of the mailing is ready; workers are woken for what is due. Answers how many rows moved.

    A second call finds nothing to do: the mailing's row is locked, and says when it was queued already.
    """
    mailing = Mailing.objects.select_for_update().filter(pk=mailing_id, next_look_at__isnull=False).first()
    if mailing is None:
        return 0
    with trace.within(mailing.traceparent):
        moved = make_ready(mailing.id, now)
        mailing.next_look_at = None
        mailing.save(update_fields=["next_look_at"])
        if mailing.requested_publish_time <= now:
            # One message for each chunk: several workers may share a mailing.
            for _ in range(ceil(moved / settings.PUBLISH_CHUNK)):
                queue.after_commit("correspondence.publish_due")
        logger.info("mailing_queued", mailing_id=mailing.id, correspondences=moved)
    return moved
