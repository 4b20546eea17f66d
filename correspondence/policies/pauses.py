"""What may go out while publishing is paused for some."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from django.db import connection
from django.db.models import Q

from correspondence.models import Correspondence, Pause
from correspondence.querysets import CorrespondenceQuerySet
from registry.models import Resource, ServiceOwner
from registry.policies import visible_owners

# A lane: the letters of one owner for one resource. A million paused letters may stand before the first that may go
# out, so they are not walked through: each lane is jumped to in the index, and only what is not paused is read.
# Rows are compared as wholes: of two equations the planner makes a filter on the index of what is due, and walks on.
_FIRST_OF_EACH_LANE: LiteralString = """
    WITH RECURSIVE lane AS (
        (SELECT owner_id, resource_id FROM correspondence_correspondence
         WHERE queue_state = 'ready' ORDER BY owner_id, resource_id LIMIT 1)
        UNION ALL
        SELECT further.owner_id, further.resource_id FROM lane CROSS JOIN LATERAL (
            SELECT owner_id, resource_id FROM correspondence_correspondence AS c
            WHERE queue_state = 'ready' AND (c.owner_id, c.resource_id) > (lane.owner_id, lane.resource_id)
            ORDER BY owner_id, resource_id LIMIT 1
        ) AS further
    )
    SELECT letter.id FROM lane CROSS JOIN LATERAL (
        SELECT id, next_try_at FROM correspondence_correspondence AS c
        WHERE queue_state = 'ready'
            AND (c.owner_id, c.resource_id, c.next_try_at) >= (lane.owner_id, lane.resource_id, '-infinity')
            AND (c.owner_id, c.resource_id, c.next_try_at) <= (lane.owner_id, lane.resource_id, %(now)s)
        ORDER BY owner_id, resource_id, next_try_at LIMIT %(most)s
    ) AS letter
    WHERE lane.owner_id <> ALL(%(owners)s) AND lane.resource_id <> ALL(%(resources)s)
    ORDER BY letter.next_try_at LIMIT %(most)s"""


def may_go_out(now: datetime, most: int) -> CorrespondenceQuerySet:
    """Letters that are due and not paused, those that wait longest first.

    While some are paused only the `most` that wait longest, in the order of their ids: to sort them by their time the
    database would walk the index of what is due after all, through everything that is paused.
    """
    pauses = list(Pause.objects.in_force().values_list("owner", "resource"))
    due = Correspondence.objects.due(now)
    if not pauses:
        return due
    if any(owner is None and resource is None for owner, resource in pauses):
        return due.none()
    owners = [owner for owner, _ in pauses if owner is not None]
    resources = [resource for _, resource in pauses if resource is not None]
    return due.filter(pk__in=_first_of_each_lane(now, most, owners, resources)).order_by("pk")


def held_by_pauses(now: datetime) -> CorrespondenceQuerySet:
    """Letters that would be due, if nobody had paused them; in no order."""
    pauses = list(Pause.objects.in_force().values_list("owner", "resource"))
    due = Correspondence.objects.due(now).order_by()
    if any(owner is None and resource is None for owner, resource in pauses):
        return due
    owners = [owner for owner, _ in pauses if owner is not None]
    resources = [resource for _, resource in pauses if resource is not None]
    return due.filter(Q(owner__in=owners) | Q(resource__in=resources))


def can_pause(user: Any, owner: ServiceOwner | None, resource: Resource | None) -> bool:
    """Whether a user of the back-office may pause this, and resume it: his own owners'; everything is all owners'."""
    owners = visible_owners(user)
    if owners is None:
        return True
    return (owner is not None and owner.pk in owners) or (resource is not None and resource.owner_id in owners)


def is_paused(letter: Correspondence) -> bool:
    """Whether it must not go out now, though its time may have come."""
    return Pause.objects.holding(letter.owner_id, letter.resource_id).exists()


def _first_of_each_lane(now: datetime, most: int, owners: Sequence[int], resources: Sequence[str]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            _FIRST_OF_EACH_LANE, {"now": now, "most": most, "owners": list(owners), "resources": list(resources)}
        )
        return [row_id for (row_id,) in cursor]
