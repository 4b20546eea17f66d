"""The base of every view of the API: it keeps the contract's order of checks (contract http-api.md §8)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest
from rest_framework.exceptions import MethodNotAllowed, NotAcceptable, UnsupportedMediaType
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.kernel import json_body, rate_limits, uuids
from config.kernel.caller import Caller
from config.kernel.errors import BODY_KEY, DomainError, SchemaError
from config.kernel.gates import Gate

JSON, FORM, TEXT = "application/json", "multipart/form-data", "text/plain"


class _OneRenderer(BaseContentNegotiation):
    """Accept is judged by the view, in its turn; what is written never depends on it."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class WireView(APIView):
    """405 and 415, then 401 and 403, then 429, then 406, then whatever the handler makes of path, query and body."""

    # Which gate each method stands behind; a view without one is refused at import.
    gates: ClassVar[Mapping[str, Gate]]
    # What a method's body must be; a method that is not named takes none.
    consumes: ClassVar[Mapping[str, str]] = {}
    # The rules by which each method may refuse, for the OpenAPI document.
    problem_errors: ClassVar[Mapping[str, Sequence[type[DomainError]]]] = {}
    # The answer's media type, which Accept must hold; None where any will do: files (contract http-api.md §8).
    produces: ClassVar[str | None] = JSON
    # The key under which an unreadable body is told, beside that of the value (contract validation.md §1).
    body_key: ClassVar[str] = BODY_KEY

    @property
    def default_response_headers(self) -> dict[str, str]:
        """None of DRF's own: Allow belongs to a 405, and nothing varies by Accept."""
        return {}

    content_negotiation_class = _OneRenderer
    renderer_classes = (JSONRenderer,)
    permission_classes = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        handled = {name for name in ("get", "post", "put", "patch", "delete") if hasattr(cls, name)}
        if handled != set(cls.gates):
            raise TypeError(f"{cls.__name__} must name a gate for exactly the methods {sorted(handled)}")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        method = (request.method or "").lower().replace("head", "get")
        self._check_method(request, method)
        self._check_media_type(request, method)
        user: Any = request.user  # None, or what IssuerAuthentication answers
        caller: Any = self.gates[method](user)
        request.user = caller
        rate_limits.check(caller, method)
        self._check_accept(request)

    def _check_method(self, request: Request, method: str) -> None:
        if method not in self.gates:
            raise MethodNotAllowed(request.method or "")

    def _check_media_type(self, request: Request, method: str) -> None:
        expected = self.consumes.get(method)
        if expected is None:
            return
        sent, parameters = request._request.content_type or "", request._request.content_params or {}
        if sent.strip().lower() != expected:
            raise UnsupportedMediaType(sent or "none", f"Content-Type must be {expected}.")
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise UnsupportedMediaType(sent, "Content-Encoding is not read: send the body as it is.")
        if request.headers.get("Transfer-Encoding", "chunked").strip().lower() != "chunked":
            raise UnsupportedMediaType(sent, "The only Transfer-Encoding that is read is chunked.")
        if parameters.get("charset", "utf-8").strip('"').lower() not in {"utf-8", "utf8"}:
            raise UnsupportedMediaType(sent, "The only charset that is read is UTF-8.")

    def _check_accept(self, request: Request) -> None:
        header = request.headers.get("Accept", "")
        accepted = {entry.partition(";")[0].strip().lower() for entry in header.split(",")} - {""}
        if self.produces and accepted and not accepted & {self.produces, "*/*"}:
            raise NotAcceptable(f"Accept must hold {self.produces} or */*.")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        # Answers are about one caller's mail. A refusal by the gates holds nothing, and may say no-store too.
        final.headers["Cache-Control"] = "no-store"
        if response.status_code == 405:
            final.headers["Allow"] = ", ".join(name.upper() for name in self.gates)
        return final

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Preflights never come here: the CORS middleware answers them."""
        raise MethodNotAllowed("OPTIONS")


def caller_of(request: Request) -> Caller:
    """The caller of a request that has passed its gate."""
    caller = request.user
    assert isinstance(caller, Caller)
    return caller


def body_of(request: Request) -> Any:
    """The JSON that the request brought; raises as `json_body.read` does."""
    http_request: HttpRequest = request._request
    return json_body.read(http_request)


def id_of(text: str, name: str) -> UUID:
    """An id from the path, in any form that UUIDs are written in.

    Raises:
        SchemaError: it is none; named as the parameter `name`.
    """
    return ids_of({name: text})[0]


def ids_of(texts: Mapping[str, str]) -> list[UUID]:
    """As id_of, of several parameters by their names: every fault is told."""
    found = {name: uuids.parse_any(text) for name, text in texts.items()}
    if faults := {name: [f"{name} must be a UUID."] for name, value in found.items() if value is None}:
        raise SchemaError(faults)
    return [value for value in found.values() if value is not None]
