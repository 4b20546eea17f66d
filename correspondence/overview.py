"""The queue in figures. Each stands on a partial index and counts no further than a bound."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, QuerySet

from correspondence.models import Correspondence, Mailing, StatusEvent
from correspondence.policies.pauses import held_by_pauses, may_go_out
from correspondence.querysets import DUE_AT
from correspondence.statuses import Status

_BOUND = 10_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the overview; `filter` is the query of the list that it counts."""

    label: str
    value: str
    filter: str = ""


def queue_figures(now: datetime, owners: Collection[int] | None = None) -> Sequence[Figure]:
    """What waits, what is due, what is stuck, and since when the oldest waits: of these owners' letters, or of all."""
    letters, own = Correspondence.objects.all(), {} if owners is None else {"owner__in": owners}
    just_now = _published_since(now - timedelta(minutes=1))
    published = just_now if owners is None else just_now.filter(correspondence__owner__in=owners)
    return (
        Figure("Waiting to be queued", _count(letters.waiting().filter(**own)), "queue_state__exact=waiting"),
        Figure("Due now", _count(may_go_out(now, _BOUND).filter(**own)), "queue_state__exact=ready"),
        Figure("Due, and paused", _count(held_by_pauses(now).filter(**own)), "queue_state__exact=ready"),
        Figure("Scheduled for later", _count(letters.scheduled(now).filter(**own)), "queue_state__exact=ready"),
        Figure("Put off after an error", _count(letters.held_up(now).filter(**own)), "queue_state__exact=ready"),
        Figure("Set aside", _count(letters.set_aside().filter(**own)), "queue_state__exact=set_aside"),
        Figure("Oldest that should be out has waited", _oldest_wait(now, own)),
        Figure("Published in the last minute", _count(published)),
    )


def _count(rows: "QuerySet[Correspondence] | QuerySet[StatusEvent]") -> str:
    count = rows.order_by()[:_BOUND].values("pk").count()
    return f"{count:,}" if count < _BOUND else f"{_BOUND:,} or more"


def _published_since(moment: datetime) -> "QuerySet[StatusEvent]":
    return StatusEvent.objects.filter(status=Status.PUBLISHED, at__gte=moment)


def _oldest_wait(now: datetime, own: Mapping[str, Any]) -> str:
    unqueued = Mailing.objects.unqueued().filter(requested_publish_time__lte=now, **own)
    held_up = Correspondence.objects.held_up(now).filter(**own).order_by("due_at")
    candidates = (
        unqueued.aggregate(first=Min(DUE_AT))["first"],
        may_go_out(now, _BOUND if own else 1).filter(**own).values_list("due_at", flat=True).first(),
        held_up.values_list("due_at", flat=True).first(),
    )
    moments = [moment for moment in candidates if moment is not None]
    return str(timedelta(seconds=int((now - min(moments)).total_seconds()))) if moments else "nothing waits"
