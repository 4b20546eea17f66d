"""What is done to every request before it finds its view."""

from collections.abc import Callable

from corsheaders.middleware import CorsMiddleware as StockCorsMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

API_ROOT = "/correspondence/api/v1"


class WirePathMiddleware:
    """Segments match in any casing and a trailing slash is tolerated (contract http-api.md, head)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        lowered = request.path_info.lower()
        if lowered.startswith(API_ROOT + "/"):
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
