"""Where the letters in the queue stand: what each word for it means, for commands, pages, lists and gauges alike.

Each letter in the queue stands in one place. Conditions are in parts, each of which begins with the state that one of
the queue's partial indexes is of (models.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from itertools import groupby
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Count, Min, Q

from correspondence.models import Correspondence
from correspondence.policies.pauses import PausedLanes
from correspondence.querysets import CorrespondenceQuerySet
from correspondence.statuses import QueueState


class Standing(StrEnum):
    """Where a letter in the queue stands; as `manage.py queue status` explains it (docs/operating.md)."""

    WAITING = "waiting"
    DUE = "due"
    PAUSED = "paused"
    HELD_UP = "held_up"
    SET_ASIDE = "set_aside"
    SCHEDULED = "scheduled"


# Of these nothing is wrong with the letters themselves, and they ought to be out.
LATE = (Standing.WAITING, Standing.DUE, Standing.HELD_UP)


class Part(NamedTuple):
    """A condition, and the column in whose order its index has the letters; none where several indexes may do."""

    condition: Q
    order: Sequence[str]


_READY = Q(queue_state=QueueState.READY)
_WAITING = Q(queue_state=QueueState.WAITING)
_UNTRIED, _TRIED = Q(attempts=0), Q(attempts__gt=0)
# What was never tried is put off by seconds only, while somebody changes a file of it (actions/publish.py). That it is
# not put off for longer says to the database where in the index to end.
_PUT_OFF = timedelta(minutes=1)


def parts(now: datetime, paused: PausedLanes) -> Mapping[Standing, Sequence[Part]]:
    """What each word means. No letter is in two parts."""
    its_time = Q(due_at__lte=now)
    untried = _READY & _UNTRIED & its_time & Q(next_try_at__lte=now + _PUT_OFF)
    tried = _READY & _TRIED & its_time
    return {
        Standing.WAITING: [Part(_WAITING & its_time, ["pk"])],
        Standing.DUE: [Part(untried & paused.outside, ["next_try_at"])],
        Standing.PAUSED: [Part(untried & paused.inside, []), Part(tried & paused.inside, [])],
        Standing.HELD_UP: [Part(tried & paused.outside, ["due_at"])],
        Standing.SET_ASIDE: [Part(Q(queue_state=QueueState.SET_ASIDE), ["pk"])],
        Standing.SCHEDULED: [
            Part(_READY & ~its_time & Q(next_try_at__gt=now), ["next_try_at"]),
            Part(_WAITING & ~its_time, ["pk"]),
        ],
    }


def letters_that_are(standing: Standing, now: datetime) -> CorrespondenceQuerySet:
    """The letters that stand there, in no order."""
    return Correspondence.objects.order_by().filter(condition_of([standing], now))


def condition_of(standings: Iterable[Standing], now: datetime) -> Q:
    """Whether a letter stands in one of these places."""
    found = parts(now, PausedLanes.now())
    return reduce(or_, (part.condition for standing in standings for part in found[standing]))


@dataclass(frozen=True, slots=True)
class Counts:
    """Letters in the queue, each counted once."""

    waiting: int = 0  # stored, their time has come, and not queued: for a worker, or for a file to be scanned
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
    paused = PausedLanes.now()
    found: dict[tuple[str, str], Lane] = {}
    # Each state by itself: each has a partial index of its own.
    for state in (QueueState.WAITING, QueueState.READY, QueueState.SET_ASIDE):
        for row in _counted(state, now, owner_id, resource_id):
            lane = _lane(row, is_paused=paused.hold(row["owner"], row["resource"]))
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
        tried=Count("pk", filter=is_due & _TRIED),
        scheduled=Count("pk", filter=~is_due),
        oldest=Min("due_at", filter=is_due),
    )
    return list(counted)


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
