"""What is read of the queue's tables at each scrape (docs/monitoring.md)."""

from datetime import datetime

from django.db.models import Min

from config.kernel.readings import Reading, Values
from correspondence.models import Correspondence
from correspondence.policies.pauses import held_by_pauses, may_go_out


def _letters(now: datetime) -> Values:
    queue = Correspondence.objects
    ready = queue.ready().order_by()
    paused = held_by_pauses(now).count()
    return {
        "waiting": queue.waiting().count(),
        # Two looks at two moments: some may have gone out between them.
        "due": max(0, ready.filter(next_try_at__lte=now).count() - paused),
        "paused": paused,
        "scheduled": ready.filter(next_try_at__gt=now).count(),
        "set_aside": queue.set_aside().count(),
    }


def _oldest(now: datetime) -> Values:
    times = {
        # Not the one that came first, which may be for next year: others behind it are overdue.
        "waiting": Correspondence.objects.waiting().aggregate(first=Min("due_at"))["first"],
        "due": may_go_out(now, most=1).values_list("due_at", flat=True).first(),
    }
    return {state: max(0.0, (now - time).total_seconds()) if time else 0.0 for state, time in times.items()}


READINGS = (
    Reading(
        "correspondence_queue_letters",
        "Letters in the queue. waiting: not queued yet, or for a file; due: to go out now; paused: due, if nobody had "
        "paused them; scheduled: their time, or next try, is ahead.",
        _letters,
        label="state",
    ),
    Reading(
        "correspondence_queue_oldest_seconds",
        "For how long the letter that was to be out first is overdue, in seconds; 0 where none is. Paused ones do "
        "not count.",
        _oldest,
        label="state",
    ),
)
