"""What is counted of letters (docs/monitoring.md)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from prometheus_client import Counter, Histogram

from config.kernel.errors import DomainError, SchemaError
from config.kernel.problems import SCHEMA_CODE, code_of

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
for _outcome in ("published", "failed", "put_off", "not_published", "set_aside", "cancelled"):
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
