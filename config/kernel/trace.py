"""One W3C trace id from the request through the log lines to the Celery task."""

import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Protocol

import structlog
from django.http import HttpRequest, HttpResponse

from config.kernel import metrics
from config.kernel.caller import Caller

_FORM = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_current: ContextVar[str] = ContextVar("traceparent", default="")

logger = structlog.get_logger(__name__)


class Tracer(Protocol):
    """Whoever keeps spans beside us; ours then have its ids, so that a log line leads to a span and back."""

    def current(self) -> str:
        """The traceparent of its span at hand; empty where there is none."""
        ...

    def within(self, traceparent: str) -> AbstractContextManager[object]:
        """A span of its own for what happens inside, in this trace."""
        ...


class _Nobody:
    def current(self) -> str:
        return ""

    def within(self, traceparent: str) -> AbstractContextManager[object]:
        return nullcontext()


_tracer: Tracer = _Nobody()


def follow(tracer: Tracer) -> None:
    """From here on this process has spans (config/kernel/tracing.py)."""
    global _tracer  # noqa: PLW0603 - one for the process
    _tracer = tracer


def current() -> str:
    """The traceparent of the work at hand, `00-<trace id>-<span id>-<flags>`; a fresh one outside any."""
    return _tracer.current() or _current.get() or child_of("")


def child_of(traceparent: str) -> str:
    """A new span of the same trace; of a new trace where the text is no traceparent (W3C Trace Context §3.2)."""
    match = _FORM.fullmatch(traceparent)
    usable = match is not None and not traceparent.startswith("ff") and match[1].strip("0") and match[2].strip("0")
    trace_id, flags = (match[1], match[3]) if match and usable else (secrets.token_hex(16), "00")
    return f"00-{trace_id}-{secrets.token_hex(8)}-{flags}"


@contextmanager
def within(traceparent: str) -> Iterator[str]:
    """Work inside belongs to this trace: log lines carry its id."""
    with _tracer.within(traceparent), bound(_tracer.current() or child_of(traceparent)) as span:
        yield span


@contextmanager
def bound(span: str) -> Iterator[str]:
    """The same for a span that is there already."""
    token = _current.set(span)
    try:
        with structlog.contextvars.bound_contextvars(trace_id=span.split("-")[1]):
            yield span
    finally:
        _current.reset(token)


class TraceMiddleware:
    """Gives each request its span, counts it, and writes one log line for it, without the query string."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        span_of_request = _tracer.current() or child_of(request.headers.get("traceparent", ""))
        with bound(span_of_request) as span, metrics.HTTP_IN_PROGRESS.track_inprogress():
            response = self.get_response(request)
            response.headers.setdefault("traceparent", span)
            seconds = time.perf_counter() - started
            metrics.count_request(request, response.status_code, seconds)
            if not request.path_info.startswith(("/health", "/static/")):
                _log(request, response.status_code, seconds)
            return response


def _log(request: HttpRequest, status: int, seconds: float) -> None:
    logger.info(
        "request_answered",
        method=request.method,
        path=request.path,
        route=metrics.route_of(request),
        status=status,
        milliseconds=round(seconds * 1000, 1),
        **_caller(request),
    )


def _caller(request: HttpRequest) -> dict[str, str]:
    """The organisation that calls. Who calls as a person is nobody here."""
    user = vars(request).get("user")
    # By its very type: to ask a session's lazy user for its class is a query.
    known = (user.organization or user.owner_code) if type(user) is Caller else None
    return {"caller": known} if known else {}
