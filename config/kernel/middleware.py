"""What is done to every request before it finds its view."""

from collections.abc import Callable

import structlog
from corsheaders.middleware import CorsMiddleware as StockCorsMiddleware
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase

from config.kernel import whole_body
from config.kernel.errors import BodyBrokeOff, BodyTooLarge, BodyTooSlow
from config.kernel.problems import BODY_STATUSES
from config.kernel.wsgi import has_body

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


def brings_a_file(request: HttpRequest) -> bool:
    """Whether it is for a page of the back-office that imports a file: read once it is known who sends it."""
    path = request.path_info
    return path.startswith("/admin/") and path.endswith("/import/") and has_body(request.META)


def read_form(request: HttpRequest) -> HttpResponse | None:
    """Have all of a form in memory; the refusal, where it is too large, too slow or broken."""
    try:
        # What Django keeps of a body that was read as a whole; its own parsers of forms begin with it.
        request._body = whole_body.read(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    except (BodyTooLarge, BodyTooSlow, BodyBrokeOff) as error:
        return HttpResponse(f"<h1>{error}</h1>", status=BODY_STATUSES[type(error)])
    return None


class BackOfficeBodyMiddleware:
    """Forms of the back-office come whole, before anybody looks at them, or not at all.

    Django would wait for one without an end, read one in chunks into memory and put its files on the disk, whatever
    their size, and all that before it asks who sends it: the CSRF check looks into the form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/admin") or not has_body(request.META) or brings_a_file(request):
            return self.get_response(request)
        return read_form(request) or self.get_response(request)


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
