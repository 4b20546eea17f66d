"""Give letters that were set aside another round."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models.functions import Greatest

from config.kernel import queue
from correspondence.models import Correspondence
from correspondence.statuses import QueueState

_BATCH = 1_000

logger = structlog.get_logger(__name__)


@transaction.atomic
def retry_set_aside(*, ids: Sequence[UUID], now: datetime) -> int:
    """Those of the letters that were set aside are ready again, with all their attempts. Answers how many."""
    moved: int = (
        Correspondence.objects.set_aside()
        .filter(pk__in=ids)
        .update(queue_state=QueueState.READY, attempts=0, next_try_at=Greatest("due_at", now))
    )
    if moved:
        queue.after_commit("correspondence.publish_due")
        logger.info("set_aside_retried", correspondence_ids=list(ids), count=moved)
    return moved


def retry_all_set_aside(*, now: datetime, owner_id: int | None = None, resource_id: str | None = None) -> int:
    """As retry_set_aside, for all letters of this owner or resource, or simply all; a batch in each transaction."""
    moved = 0
    while ids := list(Correspondence.objects.set_aside_of(owner_id, resource_id).values_list("pk", flat=True)[:_BATCH]):
        done = retry_set_aside(ids=ids, now=now)
        moved += done
        if not done:  # somebody else was quicker
            break
    return moved
