"""Where the letters in the queue stand, counted for each owner and resource, for operators."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Count, Min, Q

from correspondence.models import Correspondence, Pause
from correspondence.statuses import QueueState


@dataclass(frozen=True, slots=True)
class Counts:
    """Letters in the queue, each counted once."""

    waiting: int = 0  # stored, and not queued: for a worker, or for a file to be scanned
    due: int = 0  # to go out now
    paused: int = 0  # to go out now, or after an error, and held up by a pause
    held_up: int = 0  # put off after an error
    set_aside: int = 0
    scheduled: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, name) + getattr(other, name) for name in COUNTED))

    @property
    def left(self) -> int:
        """What ought to be out, and goes out by itself."""
        return self.waiting + self.due + self.held_up


COUNTED = tuple(field.name for field in fields(Counts))


@dataclass(frozen=True, slots=True)
class Lane:
    """The letters of one owner for one resource."""

    owner: str  # its organisation number
    resource: str
    counts: Counts
    oldest: datetime | None  # since when the one that waits longest ought to be out; paused and set aside left out


def lanes(now: datetime, *, owner_id: int | None = None, resource_id: str | None = None) -> Sequence[Lane]:
    """Every lane with a letter in the queue, of this owner or this resource where one is named."""
    pauses: set[tuple[int | None, str | None]] = set(Pause.objects.in_force().values_list("owner", "resource"))
    found: dict[tuple[str, str], Lane] = {}
    # Each state by itself: each has a partial index of its own.
    for state in (QueueState.WAITING, QueueState.READY, QueueState.SET_ASIDE):
        for row in _counted(state, now, owner_id, resource_id):
            lane = _lane(row, is_paused=_is_paused(row, pauses))
            known = found.get((lane.owner, lane.resource))
            found[lane.owner, lane.resource] = _merged([known, lane]) if known else lane
    return [found[key] for key in sorted(found)]


def total(found: Sequence[Lane]) -> Lane:
    """All of them together, as of no owner and no resource."""
    return replace(_merged(found), owner="", resource="")


def by_owner(found: Iterable[Lane]) -> Sequence[Lane]:
    """Those of each owner together."""
    parts = groupby(sorted(found, key=_owner_of), key=_owner_of)
    return [replace(total(list(group)), owner=owner) for owner, group in parts]


def _owner_of(lane: Lane) -> str:
    return lane.owner


def _merged(found: Sequence[Lane]) -> Lane:
    moments = [lane.oldest for lane in found if lane.oldest is not None]
    counts = sum((lane.counts for lane in found), Counts())
    return Lane(found[0].owner if found else "", found[0].resource if found else "", counts, min(moments, default=None))


def _counted(
    state: QueueState, now: datetime, owner_id: int | None, resource_id: str | None
) -> Sequence[dict[str, Any]]:
    letters = Correspondence.objects.filter(queue_state=state)
    if owner_id is not None:
        letters = letters.filter(owner=owner_id)
    if resource_id is not None:
        letters = letters.filter(resource=resource_id)
    is_due = Q(due_at__lte=now)
    per_lane = letters.order_by().values("owner", "resource", "owner__organization_number", "queue_state")
    counted: Any = per_lane.annotate(
        all=Count("pk"),
        tried=Count("pk", filter=is_due & Q(attempts__gt=0)),
        scheduled=Count("pk", filter=~is_due),
        oldest=Min("due_at", filter=is_due),
    )
    return list(counted)


def _is_paused(row: dict[str, Any], pauses: set[tuple[int | None, str | None]]) -> bool:
    return bool(pauses & {(None, None), (row["owner"], None), (None, row["resource"])})


def _lane(row: dict[str, Any], *, is_paused: bool) -> Lane:
    every, tried, scheduled = row["all"], row["tried"], row["scheduled"]
    due = every - scheduled
    match row["queue_state"]:
        case QueueState.WAITING:
            counts = Counts(waiting=due, scheduled=scheduled)
        case QueueState.SET_ASIDE:
            counts = Counts(set_aside=every)
        case _ if is_paused:
            counts = Counts(paused=due, scheduled=scheduled)
        case _:
            counts = Counts(due=due - tried, held_up=tried, scheduled=scheduled)
    waits = row["queue_state"] != QueueState.SET_ASIDE and not is_paused
    return Lane(row["owner__organization_number"], row["resource"], counts, row["oldest"] if waits else None)
