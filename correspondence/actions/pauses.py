"""Publishing is paused and resumed, for one resource, one owner or all. Queueing goes on meanwhile."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models.functions import Greatest

from config.audit.actions import record
from config.audit.models import Deed
from correspondence.actions.wake import wake_publishers
from correspondence.models import Pause

logger = structlog.get_logger(__name__)


@transaction.atomic
def pause(
    *,
    owner_id: int | None = None,
    resource_id: str | None = None,
    reason: str,
    by: str,
    now: datetime,
    operator: str = "",
) -> Pause:
    """Nothing of this owner, or of this resource, goes out from now on; with neither, nothing at all.

    What a worker has in hand at this moment, a chunk of letters, goes out still.

    Args:
        operator: Where a user of the machine does it: who, to be shown beside the pause.

    Raises:
        ValidationError: it is paused already, or both are named, or one that there is not, or no reason is given.
    """
    who = operator or by
    made = Pause(owner_id=owner_id, resource_id=resource_id, reason=reason.strip(), paused_at=now, paused_by=who)
    made.full_clean()
    made.save()
    _note(Deed.PAUSED, made, by=by, now=now, reason=made.reason, operator=operator)
    logger.warning("publishing_paused", by=who, **_logged(made), reason=made.reason)
    return made


def resume(*, pause_id: int, by: str, now: datetime, reason: str = "", operator: str = "") -> bool:
    """The pause is over, and workers are woken for what it held up. False where it was over already."""
    who = operator or by
    with transaction.atomic():
        ended = Pause.objects.filter(pk=pause_id, resumed_at=None)
        resumed = ended.update(resumed_at=Greatest("paused_at", now), resumed_by=who)
        if resumed:
            row = Pause.objects.select_related("owner", "resource__owner").get(pk=pause_id)
            _note(Deed.RESUMED, row, by=by, now=now, reason=reason, operator=operator)
    if resumed:
        logger.warning("publishing_resumed", by=who, **_logged(row))
        wake_publishers(now=now)
    return bool(resumed)


def _note(deed: Deed, row: Pause, *, by: str, now: datetime, reason: str, operator: str) -> None:
    """Who paused or resumed what, in the audit log; of everything, it is no owner's affair."""
    owner = row.resource.owner if row.resource is not None else row.owner
    details = {"what": row.of, **({"operator": operator} if operator else {})}
    number = owner.organization_number if owner is not None else ""
    record(deed, by=by, now=now, target=row, owner=number, reason=reason, details=details)


def _logged(row: Pause) -> dict[str, int | str | None]:
    return {"pause_id": row.pk, "owner_id": row.owner_id, "resource_id": row.resource_id}
