"""What is read of the queue's tables at each scrape (docs/monitoring.md)."""

from datetime import datetime

from django.db.models import Min

from config.kernel.readings import Reading, Values
from correspondence.counting import numbers
from correspondence.models import Correspondence
from correspondence.policies.pauses import PausedLanes, may_go_out
from correspondence.standing import parts


def _letters(now: datetime) -> Values:
    """Each letter once, and part by part: together they would stand on no index."""
    wanted = [(standing, part) for standing, found in parts(now, PausedLanes.now()).items() for part in found]
    found = numbers([Correspondence.objects.filter(part.condition) for _, part in wanted])
    sums = dict.fromkeys((standing.value for standing, _ in wanted), 0)
    for (standing, _), number in zip(wanted, found, strict=True):
        sums[standing.value] += number
    return sums


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
        "Letters in the queue, each counted once. waiting: not queued yet, or for a file; due: to go out now; paused: "
        "due, if nobody had paused them; held_up: raised an error and are tried again; scheduled: their time is ahead.",
        _letters,
        label="state",
    ),
    Reading(
        "correspondence_queue_oldest_seconds",
        "For how long the letter that was to be out first is overdue, in seconds; 0 where none is. waiting: not queued "
        "yet, paused or not; due: may go out now, also after an error; paused ones do not count.",
        _oldest,
        label="state",
    ),
)
