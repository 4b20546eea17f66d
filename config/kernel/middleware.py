"""What is done to every request before it finds its view."""

from collections.abc import Callable

import structlog
from corsheaders.middleware import CorsMiddleware as StockCorsMiddleware
from django.core.exceptions import ValidationError
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase

logger = structlog.get_logger(__name__)

API_ROOT = "/correspondence/api/v1"


class WirePathMiddleware:
    """Segments match in any casing and a trailing slash is tolerated (contract http-api.md, head)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        lowered = request.path_info.lower()
        if lowered.startswith((API_ROOT + "/", "/health")):
            request.path_info = lowered.removesuffix("/")
        return self.get_response(request)


class CorsMiddleware(StockCorsMiddleware):
    """A preflight is answered 204 (contract http-api.md §8), where the library says 200."""

    def check_preflight(self, request: HttpRequest) -> HttpResponseBase | None:
        response = super().check_preflight(request)
        if response is not None:
            response.status_code = 204
            del response.headers["Content-Length"]
        return response


class BackOfficeInputMiddleware:
    """A value in an address or form that Django's admin does not foresee is the user's 400, not our 500.

    The admin looks values up before it looks at them: NUL characters, years past the calendar, ids that are none.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self._is_ours(request) and ("\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", "")):
            return self._refuse()
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        unforeseen = isinstance(exception, ValueError | OverflowError | ValidationError | DataError)
        if not (self._is_ours(request) and unforeseen):
            return None
        logger.warning("back_office_input_refused", path=request.path, exc_info=exception)
        return self._refuse()

    def _is_ours(self, request: HttpRequest) -> bool:
        return request.path_info.startswith("/admin/")

    def _refuse(self) -> HttpResponseBase:
        return HttpResponseBadRequest("<h1>The address or the form holds a value that cannot be read.</h1>")
