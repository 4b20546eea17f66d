"""What may go out while publishing is paused for some."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


_NOTHING = Q(pk__in=())


@dataclass(frozen=True, slots=True)
class PausedLanes:
    """What the pauses in force hold up."""

    owners: frozenset[int]
    resources: frozenset[str]
    is_everything: bool

    @classmethod
    def of(cls, pauses: Iterable[tuple[int | None, str | None]]) -> "PausedLanes":
        """By the owner and the resource of each pause."""
        pairs = list(pauses)
        return cls(
            owners=frozenset(owner for owner, _ in pairs if owner is not None),
            resources=frozenset(resource for _, resource in pairs if resource is not None),
            is_everything=(None, None) in pairs,
        )

    @classmethod
    def now(cls) -> "PausedLanes":
        """As the table has it."""
        return cls.of(Pause.objects.in_force().values_list("owner", "resource"))

    def hold(self, owner_id: int, resource_id: str) -> bool:
        """Whether nothing of this owner for this resource goes out."""
        return self.is_everything or owner_id in self.owners or resource_id in self.resources

    @property
    def inside(self) -> Q:
        """Letters that they hold up."""
        if self.is_everything:
            return Q()
        if not (self.owners or self.resources):
            return _NOTHING
        return Q(owner__in=self.owners) | Q(resource__in=self.resources)

    @property
    def outside(self) -> Q:
        """All others."""
        if self.is_everything:
            return _NOTHING
        if not (self.owners or self.resources):
            return Q()
        return ~Q(owner__in=self.owners) & ~Q(resource__in=self.resources)


def may_go_out(now: datetime, most: int) -> CorrespondenceQuerySet:
    """Letters that are due and not paused, those that wait longest first.

    While some are paused only the `most` that wait longest, in the order of their ids: to sort them by their time the
    database would walk the index of what is due after all, through everything that is paused.
    """
    paused = PausedLanes.now()
    due = Correspondence.objects.due(now)
    if paused.is_everything:
        return due.none()
    if not (paused.owners or paused.resources):
        return due
    return due.filter(pk__in=_first_of_each_lane(now, most, paused)).order_by("pk")


def can_pause(user: Any, owner: ServiceOwner | None, resource: Resource | None) -> bool:
    """Whether a user of the back-office may pause this, and resume it: his own owners'; everything is all owners'."""
    owners = visible_owners(user)
    if owners is None:
        return True
    return (owner is not None and owner.pk in owners) or (resource is not None and resource.owner_id in owners)


def is_paused(letter: Correspondence) -> bool:
    """Whether it must not go out now, though its time may have come."""
    return Pause.objects.holding(letter.owner_id, letter.resource_id).exists()


def _first_of_each_lane(now: datetime, most: int, paused: PausedLanes) -> Sequence[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            _FIRST_OF_EACH_LANE,
            {"now": now, "most": most, "owners": list(paused.owners), "resources": list(paused.resources)},
        )
        return [row_id for (row_id,) in cursor]
