"""A caller of the API, as tests speak of one."""

import json
from typing import Any
from urllib.parse import urlencode

from django.test import Client as DjangoClient

from tests.contract import openapi

ROOT = "/correspondence/api/v1"
JSON, BYTES = "application/json", "application/octet-stream"


class Client:
    """Calls with one token. Bodies may be objects or raw bytes. Each answer must be one that OpenAPI declares."""

    def __init__(self, token: str | None = None, **headers: str) -> None:
        self._client = DjangoClient(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.headers.update(headers)

    def call(self, method: str, path: str, body: bytes = b"", content_type: str = JSON, **headers: str) -> Any:
        # Django's client drops the type of an empty body.
        typed = {"Content-Type": content_type} if content_type else {}
        sent = {**self.headers, **typed, **{name.replace("_", "-"): value for name, value in headers.items()}}
        response = self._client.generic(method, ROOT + path, body, content_type=content_type, headers=sent)
        openapi.check(method, ROOT + path, response)
        return response

    def post(self, body: Any, **headers: str) -> Any:
        """Initialize."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.call("POST", "/correspondence", raw, **headers)

    def post_form(self, body: bytes, content_type: str, **headers: str) -> Any:
        """Initialize with files."""
        return self.call("POST", "/correspondence/upload", body, content_type, **headers)

    def post_attachment(self, body: Any, **headers: str) -> Any:
        """Initialize an attachment."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.call("POST", "/attachment", raw, **headers)

    def upload(self, attachment_id: object, content: bytes, content_type: str = BYTES, **headers: str) -> Any:
        return self.call("POST", f"/attachment/{attachment_id}/upload", content, content_type, **headers)

    def attachment(self, attachment_id: object, what: str = "", **headers: str) -> Any:
        """GET an attachment, or its `details` or `download`."""
        path = f"/attachment/{attachment_id}" + (f"/{what}" if what else "")
        return self.call("GET", path, b"", "", **headers)

    def delete_attachment(self, attachment_id: object) -> Any:
        return self.call("DELETE", f"/attachment/{attachment_id}", content_type="")

    def fetch(self, correspondence_id: object, attachment_id: object, method: str = "GET", **headers: str) -> Any:
        """Download a file as its recipient."""
        path = f"/correspondence/{correspondence_id}/attachment/{attachment_id}/download"
        return self.call(method, path, b"", "", **headers)

    def overview(self, correspondence_id: object, method: str = "GET", **headers: str) -> Any:
        return self.call(method, f"/correspondence/{correspondence_id}", b"", "", **headers)

    def details(self, correspondence_id: object, method: str = "GET", **headers: str) -> Any:
        return self.call(method, f"/correspondence/{correspondence_id}/details", b"", "", **headers)

    def content(self, correspondence_id: object, method: str = "GET", **headers: str) -> Any:
        return self.call(method, f"/correspondence/{correspondence_id}/content", b"", "", **headers)

    def mark_as_read(self, correspondence_id: object) -> Any:
        return self.call("POST", f"/correspondence/{correspondence_id}/markasread", content_type="")

    def confirm(self, correspondence_id: object) -> Any:
        return self.call("POST", f"/correspondence/{correspondence_id}/confirm", content_type="")

    def purge(self, correspondence_id: object) -> Any:
        return self.call("DELETE", f"/correspondence/{correspondence_id}/purge", content_type="")

    def find(self, **parameters: Any) -> Any:
        """Search; `start` and `end` are sent as `from` and `to`. What is None is left out."""
        names = {"start": "from", "end": "to"}
        sent = {names.get(name, name): value for name, value in parameters.items() if value is not None}
        return self.call("GET", f"/correspondence?{urlencode(sent)}", b"", "")


def problem(response: Any) -> tuple[int, str | None]:
    """Status and code of an error answer, which must be problem details."""
    assert response["Content-Type"] == "application/problem+json", response.content
    body = response.json()
    assert {"type", "title", "status", "traceId"} <= set(body)
    assert body["status"] == response.status_code
    return response.status_code, body.get("code")


def keys(response: Any) -> set[str]:
    """The keys of a schema fault's `errors`, which `validationErrors` must repeat."""
    assert problem(response) == (400, "STD-00000"), response.content
    body = response.json()
    paths = {item["paths"][0] for item in body["validationErrors"]}
    assert paths == {key.replace(".", "/") for key in body["errors"]}
    assert all(item["code"] == "CORR.VLD-00000" and item["title"] for item in body["validationErrors"])
    return set(body["errors"])
