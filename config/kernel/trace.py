"""One W3C trace id from the request through the log lines to the Celery task."""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from django.http import HttpRequest, HttpResponse

_FORM = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_current: ContextVar[str] = ContextVar("traceparent", default="")

logger = structlog.get_logger(__name__)


def current() -> str:
    """The traceparent of the work at hand, `00-<trace id>-<span id>-<flags>`; a fresh one outside any."""
    return _current.get() or child_of("")


def child_of(traceparent: str) -> str:
    """A new span of the same trace; of a new trace where the text is no traceparent (W3C Trace Context §3.2)."""
    match = _FORM.fullmatch(traceparent)
    usable = match is not None and not traceparent.startswith("ff") and match[1].strip("0") and match[2].strip("0")
    trace_id, flags = (match[1], match[3]) if match and usable else (secrets.token_hex(16), "00")
    return f"00-{trace_id}-{secrets.token_hex(8)}-{flags}"


@contextmanager
def within(traceparent: str) -> Iterator[str]:
    """Work inside belongs to this trace: log lines carry its id."""
    span = child_of(traceparent)
    token = _current.set(span)
    try:
        with structlog.contextvars.bound_contextvars(trace_id=span.split("-")[1]):
            yield span
    finally:
        _current.reset(token)


class TraceMiddleware:
    """Gives each request its span and writes one log line for it, without the query string."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with within(request.headers.get("traceparent", "")) as span:
            response = self.get_response(request)
            response.headers.setdefault("traceparent", span)
            if not request.path_info.startswith(("/health", "/static/")):
                logger.info("request_answered", method=request.method, path=request.path, status=response.status_code)
            return response
