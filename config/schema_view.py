"""The OpenAPI document, as it is served."""

from functools import cache
from threading import Lock
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

_generating = Lock()


class SchemaView(SpectacularAPIView):
    """Generated once for each process, by one thread: two at once trip over the library's registry of extensions."""

    def _get_schema_response(self, request: Request) -> Response:
        with _generating:
            return Response(_document())


@cache
def _document() -> Any:
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
