"""Every error answer of the API: problem details, in the contract's shapes (contract validation.md §1)."""

import sys
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import DisallowedHost, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template import loader
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions

from config.kernel import trace
from config.kernel.database import PASSING, DatabaseBusy, exhausted_pool
from config.kernel.errors import (
    BODY_KEY,
    BodyBrokeOff,
    BodyTooLarge,
    BodyTooSlow,
    DomainError,
    OutcomeUnknown,
    SchemaError,
)
from config.kernel.masking import masked
from config.kernel.ranges import RangeNotSatisfiable

MEDIA_TYPE = "application/problem+json"
SCHEMA_CODE, FAULT_CODE = "STD-00000", "CORR.VLD-00000"
RETRY_AFTER_SECONDS = 5
_MOST_KEYS_LOGGED = 20

_SECTIONS = {
    400: "rfc9110#section-15.5.1",
    401: "rfc9110#section-15.5.2",
    403: "rfc9110#section-15.5.4",
    404: "rfc9110#section-15.5.5",
    405: "rfc9110#section-15.5.6",
    406: "rfc9110#section-15.5.7",
    408: "rfc9110#section-15.5.9",
    409: "rfc9110#section-15.5.10",
    413: "rfc9110#section-15.5.14",
    414: "rfc9110#section-15.5.15",
    415: "rfc9110#section-15.5.16",
    416: "rfc9110#section-15.5.17",
    417: "rfc9110#section-15.5.18",
    422: "rfc9110#section-15.5.21",
    429: "rfc6585#section-4",
    431: "rfc6585#section-5",
    451: "rfc7725#section-3",
    500: "rfc9110#section-15.6.1",
    501: "rfc9110#section-15.6.2",
    502: "rfc9110#section-15.6.3",
    503: "rfc9110#section-15.6.4",
}

BODY_STATUSES: dict[type[Exception], int] = {BodyTooLarge: 413, BodyTooSlow: 408, BodyBrokeOff: 400}

logger = structlog.get_logger(__name__)


class IssuerUnavailable(exceptions.APIException):
    """The keys of a token's issuer cannot be had and none are kept: nobody can say whether the token is good."""

    status_code = 503
    default_detail = "The keys of the token's issuer cannot be fetched right now."


def problem(status: int, detail: str = "", **members: Any) -> dict[str, Any]:
    """The body of an error answer."""
    body: dict[str, Any] = {
        "type": f"https://tools.ietf.org/html/{_SECTIONS[status]}",
        "title": phrase(status),
        "status": status,
    }
    if detail:
        body["detail"] = detail
    # Whatever a sender wrote may be in a text, or in a key that names one of its members.
    return {**masked({**body, **members}), "traceId": trace.current()}


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF's one exception handler: what any view raised, as problem details."""
    if isinstance(error, SchemaError):
        error = error.with_body_key(getattr(context["view"], "body_key", BODY_KEY))
    body, headers = _answer(error, context["request"])
    if body["status"] < 500:
        logger.info(
            "request_refused",
            status=body["status"],
            code=body.get("code"),
            keys=list(body.get("errors", ()))[:_MOST_KEYS_LOGGED],
        )
    return _json(body, headers)


def _answer(error: Exception, request: HttpRequest) -> tuple[dict[str, Any], dict[str, str]]:
    match error:
        case SchemaError():
            return _schema_problem(error), {}
        case DomainError():
            return _domain_problem(error), {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
        case BodyTooLarge() | BodyTooSlow() | BodyBrokeOff():
            return problem(BODY_STATUSES[type(error)], str(error)), {}
        case RangeNotSatisfiable():
            return problem(416, str(error)), {"Content-Range": f"bytes */{error.size}"}
        case exceptions.APIException():
            return _framework_problem(error)
        case Http404():
            return problem(404, "There is nothing at this path."), {}
        case PermissionDenied():
            return problem(403), {}
        case OutcomeUnknown():
            return _unavailable(str(error), outcome="unknown")
        case _ if isinstance(error, PASSING):
            return _database_problem(error)
        case _:
            logger.error("request_failed", path=request.path, exc_info=error)
            return _internal_error(request.path, error), {}


def code_of(error: DomainError) -> str:
    """As the wire writes it: `CORR-01030`."""
    return f"CORR-{error.code:05d}"


def _schema_problem(error: SchemaError) -> dict[str, Any]:
    items = [
        {"code": FAULT_CODE, "title": text, "paths": [key.replace(".", "/")]}
        for key, texts in error.faults.items()
        for text in texts
    ]
    # The contract has no detail here; it is said where the answer would otherwise be taken for all there is.
    detail = (
        f"{error.untold} more members are at fault; the first {len(error.faults)} are told." if error.untold else ""
    )
    return problem(
        400, detail, code=SCHEMA_CODE, statusDescription=phrase(400), validationErrors=items, errors=error.faults
    )


def _domain_problem(error: DomainError) -> dict[str, Any]:
    members: dict[str, Any] = {}
    if any(fault.path for fault in error.faults):
        # An extra member of ours: which members of the request the rule concerns.
        members["faults"] = [{"path": fault.path, "detail": fault.detail} for fault in error.faults]
    return problem(
        error.status,
        error.told,
        code=code_of(error),
        errorCode=error.code,
        statusDescription=phrase(error.status),
        **members,
    )


def _framework_problem(error: exceptions.APIException) -> tuple[dict[str, Any], dict[str, str]]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if error.status_code in (429, 503):
        headers["Retry-After"] = str(getattr(error, "retry_after_seconds", RETRY_AFTER_SECONDS))
    return problem(error.status_code, str(error.detail)), headers


def _database_problem(error: Exception) -> tuple[dict[str, Any], dict[str, str]]:
    if isinstance(error, DatabaseBusy):
        logger.error("database_too_slow", error=str(error))
        return _unavailable("The database took too long over this. Nothing was stored; send again.")
    if figures := exhausted_pool(error):
        logger.error("pool_exhausted", error=str(error), **figures)
        return _unavailable("The service has more to do than it can take on right now. Nothing was stored; send again.")
    logger.error("database_unavailable", error=str(error))
    # Not "nothing was stored": what was lost may be the answer to a COMMIT. Mailings are asked for (OutcomeUnknown).
    return _unavailable("The database cannot be reached right now. Send again.")


def _unavailable(detail: str, **members: str) -> tuple[dict[str, Any], dict[str, str]]:
    return problem(503, detail, **members), {"Retry-After": str(RETRY_AFTER_SECONDS)}


def _internal_error(path: str, error: BaseException | None) -> dict[str, Any]:
    detail = f"{type(error).__name__}: {error}" if error and settings.DEVELOPMENT else ""
    return problem(500, detail, instance=path)


def phrase(status: int) -> str:
    """The reason phrase of a status."""
    # The phrases that callers know; Python 3.13 renamed two of them after RFC 9110.
    return {413: "Payload Too Large", 416: "Range Not Satisfiable", 422: "Unprocessable Entity"}.get(
        status
    ) or HTTPStatus(status).phrase


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404: problem details, but for people in the back-office."""
    if is_for_people(request):
        return defaults.page_not_found(request, exception)
    return _json(problem(404, "There is nothing at this path."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400, for requests that no view saw."""
    if isinstance(exception, SuspiciousOperation):
        # Django's words about a host; those about what a list is asked would repeat the query string.
        told = str(exception) if isinstance(exception, DisallowedHost) else type(exception).__name__
        logger.warning("suspicious_request", error=told)
    if is_for_people(request):
        return defaults.bad_request(request, exception)
    return _json(problem(400, "The request is not acceptable."))


def read_only(view: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """The view for GET and HEAD; any other method is a problem 405, whatever cookies come with it."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return _json(problem(405, "This path is only read."), {"Allow": "GET, HEAD"})
        return view(request)

    return guarded


def forbidden(request: HttpRequest) -> HttpResponse:
    """What is refused outside a view of DRF and outside the back-office."""
    return _json(problem(403))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500, for faults outside a view of DRF: 503 where the database is at fault."""
    error = sys.exc_info()[1]
    if isinstance(error, PASSING):
        body, headers = _database_problem(error)
        return _away(headers) if is_for_people(request) else _json(body, headers)
    if is_for_people(request):
        return defaults.server_error(request)
    return _json(_internal_error(request.path, None))


def log_uncaught(sender: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Receiver of got_request_exception: Django's own line about it would hold the query string."""
    if request is not None and not isinstance(sys.exc_info()[1], PASSING):  # server_error logs those
        logger.error("request_failed", path=request.path, exc_info=sys.exc_info())


def is_for_people(request: HttpRequest) -> bool:
    """Whether a person reads the answer, in the back-office."""
    return request.path_info.startswith("/admin/")


def _away(headers: dict[str, str]) -> HttpResponse:
    """For people; the page asks the database for nothing."""
    return HttpResponse(loader.render_to_string("staff/unavailable.html"), status=503, headers=headers)


def _json(body: dict[str, Any], headers: dict[str, str] | None = None) -> HttpResponse:
    return JsonResponse(
        body,
        status=body["status"],
        content_type=MEDIA_TYPE,
        headers=headers,
        json_dumps_params={"ensure_ascii": False},
    )
