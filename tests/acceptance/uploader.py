"""A sender of files: as whole requests, and byte by byte on a socket of its own."""

from __future__ import annotations

import hashlib
import json
import os
import select
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.acceptance.sender import Sender, new_reference
from tests.acceptance.waiting import until

BYTES = "application/octet-stream"
CHUNKED = "Transfer-Encoding: chunked"
BOUNDARY = "e2c1f0-boundary"
FORM = f"multipart/form-data; boundary={BOUNDARY}"

RECIPIENT = "312295202"  # an organisation of the demo registry
# Begins every file, so that the logs can be searched for it.
MARK = b"3a9f51c07be84d26"

File = tuple[str, bytes]  # name and content


@dataclass(frozen=True)
class Answer:
    """What came back over a socket."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The number of the contract's catalogue."""
        return str(json.loads(self.body).get("code", ""))


class Uploader(Sender):
    """A sender whose letters bring files."""

    def __init__(self, api_url: str, token: str, resource: str = "demo-correspondence") -> None:
        super().__init__(api_url, token, resource)
        self.attachments = f"{api_url}/attachment"

    def letter_to(self, organization: str, **more: Any) -> dict[str, Any]:
        """A request to one organisation; `more` are further members of the request."""
        return {
            **self.letter(new_reference()),
            "recipients": [f"urn:altinn:organization:identifier-no:{organization}"],
            **more,
        }

    def initialize(self, file_name: str = "plan.txt", **more: Any) -> str:
        """Answers the id of an attachment that waits for its bytes."""
        metadata = {"resourceId": self.resource, "fileName": file_name, "sendersReference": new_reference(), **more}
        response = self._call("POST", self.attachments, json=metadata)
        assert response.status_code == 200, response.text
        return str(response.json())

    def upload(self, attachment: str, body: bytes | Iterator[bytes], **headers: str) -> requests.Response:
        """An iterator's bytes go out in chunks, without a Content-Length."""
        headers = {"Content-Type": BYTES, **headers}
        return self._call("POST", f"{self.attachments}/{attachment}/upload", data=body, headers=headers)

    def uploaded(self, content: bytes, file_name: str = "plan.txt") -> str:
        """Answers the id of an attachment that has these bytes, and is Published."""
        attachment = self.initialize(file_name)
        response = self.upload(attachment, content)
        assert response.status_code == 200, response.text
        return self.await_status(attachment, "Published")

    def attachment(self, id: str) -> dict[str, Any]:
        """The overview and the history."""
        response = self._call("GET", f"{self.attachments}/{id}/details")
        assert response.status_code == 200, response.text
        details: dict[str, Any] = response.json()
        return details

    def await_status(self, id: str, status: str, seconds: float = 20) -> str:
        """Come back when the attachment has this status; answers its id."""
        until(lambda: self.attachment(id)["status"] == status, seconds)
        return id

    def fetch(self, attachment: str, method: str = "GET") -> requests.Response:
        """The bytes, as their sender gets them."""
        return self._call(method, f"{self.attachments}/{attachment}/download")

    def download(self, letter: str, attachment: str, **headers: str) -> requests.Response:
        """As a recipient does."""
        return self._call("GET", f"{self.url}/{letter}/attachment/{attachment}/download", headers=headers)

    def post_form(self, letter: dict[str, Any], files: Sequence[File]) -> requests.Response:
        """Letter and files in one form, as `requests` writes it."""
        parts = [("attachments", (name, content, BYTES)) for name, content in files]
        return self._call("POST", f"{self.url}/upload", data=dict(fields(letter)), files=parts)

    @contextmanager
    def begun(self, url: str, *lines: str) -> Iterator[socket.socket]:
        """A POST of which the head is sent; `lines` are further headers."""
        address = urlsplit(url)
        fixed = [f"POST {address.path} HTTP/1.1", f"Host: {address.netloc}", "Connection: close"]
        tokens = [f"{name}: {value}" for name, value in self.headers.items()]
        with socket.create_connection((address.hostname or "", address.port or 80), timeout=30) as connection:
            connection.sendall("\r\n".join([*fixed, *tokens, *lines, "", ""]).encode())
            yield connection

    def upload_begun(self, attachment: str, *lines: str) -> Any:
        """The head of an upload is sent, and `lines` say how long it is."""
        return self.begun(f"{self.attachments}/{attachment}/upload", f"Content-Type: {BYTES}", *lines)

    def form_begun(self, *lines: str) -> Any:
        """The head of a form is sent."""
        return self.begun(f"{self.url}/upload", f"Content-Type: {FORM}", *lines)


def bytes_of(size: int) -> bytes:
    """Content of that many bytes, at least 16, that no other file has."""
    return MARK + os.urandom(size - len(MARK))


def fields(members: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The members of a letter as a form names them: `correspondence.content.attachments[0].fileName`."""
    if isinstance(members, dict):
        for name, value in members.items():
            yield from fields(value, f"{path}.{name}" if path else name)
    elif isinstance(members, list):
        for index, value in enumerate(members):
            yield from fields(value, f"{path}[{index}]")
    else:
        yield path, str(members)


def describe(letter: dict[str, Any], files: Sequence[File]) -> dict[str, Any]:
    """The letter, which now says what files it brings; returned for convenience."""
    letter["correspondence"]["content"]["attachments"] = [
        {"fileName": name, "sendersReference": "file", "checksum": hashlib.md5(content).hexdigest()}
        for name, content in files
    ]
    return letter


def form(letter: dict[str, Any], files: Sequence[File]) -> bytes:
    """The body of a form, written by hand."""
    texts = [_part(f'name="{name}"', value.encode()) for name, value in fields(letter)]
    parts = [_part(f'name="attachments"; filename="{name}"', content) for name, content in files]
    return b"".join([*texts, *parts, f"--{BOUNDARY}--\r\n".encode()])


def _part(names: str, content: bytes) -> bytes:
    return f"--{BOUNDARY}\r\nContent-Disposition: form-data; {names}\r\n\r\n".encode() + content + b"\r\n"


def in_chunks(body: bytes, size: int = 10_000) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def framed(body: bytes, size: int = 10_000) -> bytes:
    """The body as `Transfer-Encoding: chunked` writes it."""
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in in_chunks(body, size)) + b"0\r\n\r\n"


def answer(connection: socket.socket) -> Answer:
    """What the service says, read only now."""
    response = HTTPResponse(connection)
    response.begin()
    return Answer(response.status, dict(response.headers), response.read())


def drip(connection: socket.socket, piece: bytes, every: float, seconds: float) -> None:
    """Send a piece now and then, until an answer comes or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not select.select([connection], [], [], every)[0]:
        connection.sendall(piece)
