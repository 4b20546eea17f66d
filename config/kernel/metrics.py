"""What is counted in every app (docs/monitoring.md). What is counted in one stands in its own metrics.py.

Names end in their unit. No label ever holds an id, anybody's number, or what else a client makes up: each combination
of labels is a series that is kept for weeks.
"""

from django.http import HttpRequest
from prometheus_client import Counter, Gauge, Histogram

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_TASK_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 20, 30, 60, 120, 600, 3600)

HTTP_REQUESTS = Counter(
    "correspondence_http_requests_total",
    "Requests that were answered, by the pattern of their path.",
    ["method", "route", "status"],
)
HTTP_SECONDS = Histogram(
    "correspondence_http_request_duration_seconds",
    "Time until an answer begins, in seconds; the bytes of a file that follow are not in it.",
    ["method", "route"],
    buckets=_REQUEST_SECONDS,
)
HTTP_IN_PROGRESS = Gauge(
    "correspondence_http_requests_in_progress",
    "Requests that are being worked on; answers that stream are not among them.",
    multiprocess_mode="livesum",
)
TASKS = Counter("correspondence_tasks_total", "Celery tasks that have ended, by outcome.", ["task", "outcome"])
TASK_SECONDS = Histogram(
    "correspondence_task_duration_seconds", "How long Celery tasks took, in seconds.", ["task"], buckets=_TASK_SECONDS
)
TASK_LAST_SUCCESS = Gauge(
    "correspondence_task_last_success_timestamp_seconds",
    "When a task of this name last ended well, in seconds since 1970.",
    ["task"],
    multiprocess_mode="max",
)
WAKE_UPS = Counter(
    "correspondence_wake_ups_total",
    "Messages that wake a worker, by what became of them. Letters of lost ones go out some seconds later.",
    ["outcome"],
)
for _outcome in ("sent", "failed", "skipped"):
    WAKE_UPS.labels(_outcome)  # from the start at 0, or the first failure would be no increase


def route_of(request: HttpRequest) -> str:
    """The pattern of the path that was asked for; one word for all paths that there is none for."""
    match = request.resolver_match
    if match is not None and match.route is not None:
        return f"/{match.route}"
    return "static" if request.path_info.startswith("/static/") else "unknown"


def count_request(request: HttpRequest, status: int, seconds: float) -> None:
    """One more request was answered."""
    method = request.method if request.method in _METHODS else "other"
    route = route_of(request)
    HTTP_REQUESTS.labels(method, route, status).inc()
    HTTP_SECONDS.labels(method, route).observe(seconds)
