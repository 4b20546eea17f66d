"""The queue in figures. Each stands on a partial index and counts no further than a bound."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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


def queue_figures(now: datetime) -> Sequence[Figure]:
    """What waits, what is due, what is stuck, and how long the oldest has waited."""
    letters = Correspondence.objects
    return (
        Figure("Waiting to be queued", _count(letters.waiting()), "queue_state__exact=waiting"),
        Figure("Due now", _count(may_go_out(now, _BOUND)), "queue_state__exact=ready"),
        Figure("Due, and paused", _count(held_by_pauses(now)), "queue_state__exact=ready"),
        Figure("Scheduled for later", _count(letters.scheduled(now)), "queue_state__exact=ready"),
        Figure("Put off after an error", _count(letters.held_up(now)), "queue_state__exact=ready"),
        Figure("Set aside", _count(letters.set_aside()), "queue_state__exact=set_aside"),
        Figure("Oldest that should be out has waited", _oldest_wait(now)),
        Figure("Published in the last minute", _count(_published_since(now - timedelta(minutes=1)))),
    )


def _count(rows: "QuerySet[Correspondence] | QuerySet[StatusEvent]") -> str:
    count = rows.order_by()[:_BOUND].values("pk").count()
    return f"{count:,}" if count < _BOUND else f"{_BOUND:,} or more"


def _published_since(moment: datetime) -> "QuerySet[StatusEvent]":
    return StatusEvent.objects.filter(status=Status.PUBLISHED, at__gte=moment)


def _oldest_wait(now: datetime) -> str:
    candidates = (
        Mailing.objects.unqueued().filter(requested_publish_time__lte=now).aggregate(first=Min(DUE_AT))["first"],
        may_go_out(now, most=1).values_list("due_at", flat=True).first(),
        Correspondence.objects.held_up(now).order_by("due_at").values_list("due_at", flat=True).first(),
    )
    moments = [moment for moment in candidates if moment is not None]
    return str(timedelta(seconds=int((now - min(moments)).total_seconds()))) if moments else "nothing waits"
