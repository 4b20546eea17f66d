"""What is counted of letters, and what is read of the queue's tables at each scrape (docs/monitoring.md)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar

from prometheus_client import Counter, Histogram

from config.kernel.errors import DomainError, SchemaError
from config.kernel.problems import SCHEMA_CODE, code_of
from config.kernel.readings import Reading, Values
from correspondence.models import Correspondence
from correspondence.policies.pauses import held_by_pauses, may_go_out

_LAG_SECONDS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 900, 3600, 14_400)

INITIALIZED = Counter(
    "correspondence_initialize_requests_total",
    "Requests to send that came as far as their body: accepted, the code of the refusal, or failed.",
    ["outcome"],
)
RECIPIENTS = Counter("correspondence_recipients_accepted_total", "Letters that were accepted, one for each recipient.")
PUBLISHED = Counter(
    "correspondence_publish_total",
    "What became of letters whose turn it was. not_published is tried again; put_off waits for a file.",
    ["outcome"],
)
LAG = Histogram(
    "correspondence_publish_lag_seconds",
    "How long after its time a letter was published, in seconds.",
    buckets=_LAG_SECONDS,
)
for _outcome in ("accepted", "failed"):
    INITIALIZED.labels(_outcome)
for _outcome in ("published", "failed", "put_off", "not_published", "set_aside"):
    PUBLISHED.labels(_outcome)

P = ParamSpec("P")
R = TypeVar("R")


def counts_outcome(view: Callable[P, R]) -> Callable[P, R]:
    """The view, whose answers and refusals are counted."""

    @wraps(view)
    def counting(*args: P.args, **kwargs: P.kwargs) -> R:
        with _counted():
            return view(*args, **kwargs)

    return counting


@contextmanager
def _counted() -> Iterator[None]:
    outcome = "failed"
    try:
        yield
        outcome = "accepted"
    except SchemaError:
        outcome = SCHEMA_CODE
        raise
    except DomainError as error:
        outcome = code_of(error)
        raise
    finally:
        INITIALIZED.labels(outcome).inc()


def _letters(now: datetime) -> Values:
    queue = Correspondence.objects
    ready = queue.ready().order_by()
    paused = held_by_pauses(now).count()
    return {
        "waiting": queue.waiting().count(),
        "due": ready.filter(next_try_at__lte=now).count() - paused,
        "paused": paused,
        "scheduled": ready.filter(next_try_at__gt=now).count(),
        "set_aside": queue.set_aside().count(),
    }


def _oldest(now: datetime) -> Values:
    first = {
        "waiting": Correspondence.objects.waiting().order_by("pk"),
        "due": may_go_out(now, most=1),
    }
    times = {state: letters.values_list("due_at", flat=True).first() for state, letters in first.items()}
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
        "For how long the letter that came first is overdue, in seconds; 0 where none is. Paused ones do not count.",
        _oldest,
        label="state",
    ),
)
