"""Give letters that were set aside another round."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models.functions import Greatest

from correspondence.actions.acts import Acted, held, note
from correspondence.actions.wake import wake_publishers
from correspondence.models import Correspondence
from correspondence.statuses import Act, QueueState

_BATCH = 1_000

logger = structlog.get_logger(__name__)


@transaction.atomic
def retry_set_aside(*, ids: Sequence[UUID], by: str, now: datetime, reason: str = "") -> Acted:
    """Those of the letters that were set aside are ready again, with all their attempts."""
    letters, refused = held(ids, Act.RETRY, now)
    done = [letter.pk for letter in letters]
    if done:
        ready = {"queue_state": QueueState.READY, "attempts": 0, "next_try_at": Greatest("due_at", now)}
        Correspondence.objects.filter(pk__in=done).update(**ready)
        note(Act.RETRY, letters, by=by, now=now, reason=reason)
        wake_publishers(now=now)
        logger.info("set_aside_retried", correspondence_ids=done, count=len(done), by=by)
    return Acted(done, refused)


def retry_all_set_aside(*, by: str, now: datetime, owner_id: int | None = None, resource_id: str | None = None) -> int:
    """As retry_set_aside, for all letters of this owner or resource, or simply all; a batch in each transaction."""
    moved = 0
    while ids := list(Correspondence.objects.set_aside_of(owner_id, resource_id).values_list("pk", flat=True)[:_BATCH]):
        done = len(retry_set_aside(ids=ids, by=by, now=now).done)
        moved += done
        if not done:  # somebody else was quicker
            break
    return moved
