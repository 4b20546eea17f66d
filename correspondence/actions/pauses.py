"""Publishing is paused and resumed, for one resource, one owner or all. Queueing goes on meanwhile."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models.functions import Greatest

from correspondence.actions.wake import wake_publishers
from correspondence.models import Pause

logger = structlog.get_logger(__name__)


@transaction.atomic
def pause(*, owner_id: int | None = None, resource_id: str | None = None, reason: str, by: str, now: datetime) -> Pause:
    """Nothing of this owner, or of this resource, goes out from now on; with neither, nothing at all.

    What a worker has in hand at this moment, a chunk of letters, goes out still.

    Raises:
        ValidationError: it is paused already, or both are named, or one that there is not, or no reason is given.
    """
    made = Pause(owner_id=owner_id, resource_id=resource_id, reason=reason.strip(), paused_at=now, paused_by=by)
    made.full_clean()
    made.save()
    logger.warning("publishing_paused", by=by, **_logged(made), reason=made.reason)
    return made


def resume(*, pause_id: int, by: str, now: datetime) -> bool:
    """The pause is over, and workers are woken for what it held up. False where it was over already."""
    ended = Pause.objects.in_force().filter(pk=pause_id)
    with transaction.atomic():
        resumed = ended.update(resumed_at=Greatest("paused_at", now), resumed_by=by)
    if resumed:
        logger.warning("publishing_resumed", by=by, **_logged(Pause.objects.get(pk=pause_id)))
        wake_publishers(now=now)
    return bool(resumed)


def _logged(row: Pause) -> dict[str, int | str | None]:
    return {"pause_id": row.pk, "owner_id": row.owner_id, "resource_id": row.resource_id}
