"""What the start page of the back-office tells, read in few statements: each on an index, and none counts for ever."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from config.kernel import life_signs
from config.kernel.life_signs import Sign, SignsUnreadable
from correspondence.actions.heartbeat import SWEEP
from correspondence.counting import Count, counts
from correspondence.models import Correspondence, Heartbeat, Pause, PublishedTally, StatusEvent
from correspondence.policies.pauses import PausedLanes
from correspondence.standing import LATE, Standing, parts
from correspondence.statuses import QueueState

# What is counted letter by letter is counted up to here; a page says "10,000 or more" then.
MOST_COUNTED = 10_000
MINUTES, DAYS = 60, 30
TROUBLES_OF_DAYS = 7
_MOST_TROUBLES, _LOOKED_AT = 6, 200

Owners = Collection[int] | None  # None: all of them


@dataclass(frozen=True, slots=True)
class Trouble:
    """Letters of one mailing that met with the same: the newest of them, and how many more the page has seen."""

    letter: UUID
    mailing: UUID
    title: str
    resource: str
    reason: str
    at: datetime | None
    letters: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it, at one moment."""

    now: datetime
    standing: Mapping[Standing, Count]
    oldest: Count
    failed_today: Count
    minutes: Sequence[tuple[datetime, int]]
    days: Sequence[tuple[date, int]]
    pauses: Sequence[Pause]
    set_aside: Sequence[Trouble]
    failed: Sequence[Trouble]
    swept_at: datetime | None
    signs: Sequence[Sign] | None  # None: nobody can say

    @property
    def published_today(self) -> int:
        """Since midnight, local time."""
        return self.days[-1][1]


def look(owners: Owners, now: datetime) -> Overview:
    """How everything of these owners stands. Days are those of the current time zone."""
    pauses = list(Pause.objects.in_force().select_related("owner", "resource"))
    paused = PausedLanes.of((row.owner_id, row.resource_id) for row in pauses)
    standing = _standing(owners, now, paused)
    minutes, days = _published(owners, now)
    return Overview(
        now=now,
        standing=standing,
        oldest=sum((standing[each] for each in LATE), Count()),
        failed_today=_failed_today(owners, now),
        minutes=minutes,
        days=days,
        pauses=[row for row in pauses if _concerns(row, owners)],
        set_aside=_set_aside(owners),
        failed=_failed(owners, now),
        swept_at=Heartbeat.objects.filter(name=SWEEP).values_list("at", flat=True).first(),
        signs=_signs(now),
    )


def midnight(now: datetime) -> datetime:
    """When this day began, by the current time zone."""
    return datetime.combine(timezone.localdate(now), time.min, timezone.get_current_timezone())


def _concerns(pause: Pause, owners: Owners) -> bool:
    """Whether it is of one of these owners, of a resource of theirs, or of everything."""
    if owners is None or (pause.owner_id is None and pause.resource is None):
        return True
    return (pause.resource.owner_id if pause.resource else pause.owner_id) in owners


def _of(rows: "QuerySet[Any]", owners: Owners, path: str = "owner") -> "QuerySet[Any]":
    return rows if owners is None else rows.filter(**{f"{path}__in": owners})


def _standing(owners: Owners, now: datetime, paused: PausedLanes) -> Mapping[Standing, Count]:
    """How many letters stand where; part by part, since together they would stand on no index."""
    letters = _of(Correspondence.objects.all(), owners)
    wanted = [(standing, part) for standing, found in parts(now, paused).items() for part in found]
    queries = [letters.filter(part.condition).order_by(*part.order) for _, part in wanted]
    sums = {standing: Count() for standing in Standing}
    for (standing, _), count in zip(wanted, counts(queries, MOST_COUNTED, "due_at", "pk"), strict=True):
        sums[standing] += count
    return sums


def _failed_today(owners: Owners, now: datetime) -> Count:
    failures = _of(StatusEvent.objects.failed_since(midnight(now)), owners, "correspondence__owner")
    return counts([failures.order_by()], MOST_COUNTED, "at", "correspondence")[0]


def _published(owners: Owners, now: datetime) -> tuple[list[tuple[datetime, int]], list[tuple[date, int]]]:
    """Of each minute of the last hour and each day of the last month, the present ones last and not over."""
    minute, today = now.replace(second=0, microsecond=0), timezone.localdate(now)
    minutes = [minute - timedelta(minutes=back) for back in reversed(range(MINUTES))]
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    of_minutes, of_days = Counter[datetime](), Counter[date]()
    since = datetime.combine(days[0], time.min, timezone.get_current_timezone())
    for moment, letters in PublishedTally.objects.of_owners(owners).by_moment(since):
        of_minutes[moment] += letters
        of_days[timezone.localdate(moment)] += letters
    return [(each, of_minutes[each]) for each in minutes], [(each, of_days[each]) for each in days]


def _set_aside(owners: Owners) -> Sequence[Trouble]:
    rows = _of(Correspondence.objects.filter(queue_state=QueueState.SET_ASIDE), owners)
    facts = rows.order_by("-pk").values_list("pk", "mailing", "mailing__title", "resource", "last_error")
    return _grouped((*row, None) for row in facts[:_LOOKED_AT])


def _failed(owners: Owners, now: datetime) -> Sequence[Trouble]:
    rows = _of(
        StatusEvent.objects.failed_since(now - timedelta(days=TROUBLES_OF_DAYS)), owners, "correspondence__owner"
    )
    names = ("pk", "mailing", "mailing__title", "resource")
    facts = rows.order_by("-at").values_list(*(f"correspondence__{name}" for name in names), "text", "at")
    return _grouped(facts[:_LOOKED_AT])


def _grouped(rows: Iterable[Any]) -> Sequence[Trouble]:
    """The newest first; what has befallen all letters of a mailing is told once."""
    found: dict[tuple[UUID, str], Trouble] = {}
    for letter, mailing, title, resource, reason, at in rows:
        known = found.get((mailing, reason))
        if known is None:
            found[mailing, reason] = Trouble(letter, mailing, title, resource, reason, at, letters=1)
        else:
            found[mailing, reason] = replace(known, letters=known.letters + 1)
    return list(found.values())[:_MOST_TROUBLES]


def _signs(now: datetime) -> Sequence[Sign] | None:
    try:
        return life_signs.seen(now)
    except SignsUnreadable:
        return None
