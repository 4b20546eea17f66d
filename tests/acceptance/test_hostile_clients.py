"""Clients that break the protocol on a real socket: each is answered, and none holds the service up."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
import requests

from tests.acceptance.ledger import Ledger
from tests.acceptance.sender import Sender, new_reference
from tests.acceptance.service import Service

pytestmark = pytest.mark.e2e

CHUNKED = "Transfer-Encoding: chunked"
BROKEN_CHUNKS = {
    "no number as a size": b"zz\r\nabc\r\n0\r\n\r\n",
    "a negative size": b"-5\r\nabc\r\n0\r\n\r\n",
    "nothing behind a chunk": b"3\r\nabcXX0\r\n\r\n",
    "a trailer that is none": b"2\r\n{}\r\n0\r\nbad line\r\n\r\n",
}


@contextmanager
def connected(service: Service) -> Iterator[socket.socket]:
    address = urlsplit(service.api_url)
    with socket.create_connection((address.hostname or "", address.port or 80), timeout=60) as connection:
        yield connection


def head(sender: Sender, *lines: str) -> bytes:
    path = urlsplit(sender.url).path
    fixed = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    tokens = [f"Authorization: {sender.headers['Authorization']}"]
    return "\r\n".join([*fixed, *tokens, *lines, "Connection: close", "", ""]).encode()


def answer(connection: socket.socket) -> tuple[int, str]:
    """Status and media type of what comes back."""
    with connection.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        fields = dict(line.decode().strip().split(": ", 1) for line in iter(stream.readline, b"\r\n"))
    return status, fields.get("Content-Type", "")


def test_clients_that_do_not_hang_up_hold_nobody_up(service: Service) -> None:
    """Each of them once cost the server's accepting thread 2 s."""
    asked = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with ExitStack() as kept_open:
        for _ in range(60):
            kept_open.enter_context(connected(service)).sendall(asked)

        live = requests.get(f"{service.base_url}/health/live", timeout=15)

    assert live.status_code == 200


STALLED = {
    "say nothing": b"",
    "never end their head": b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ",
}


@pytest.mark.parametrize("begun", STALLED.values(), ids=STALLED)
def test_more_clients_than_threads_that_stall_hold_nobody_up(service: Service, begun: bytes) -> None:
    with ExitStack() as kept_open:
        for _ in range(100):
            kept_open.enter_context(connected(service)).sendall(begun)

        live = requests.get(f"{service.base_url}/health/live", timeout=25)

    assert live.status_code == 200


@pytest.mark.parametrize("body", BROKEN_CHUNKS.values(), ids=BROKEN_CHUNKS)
def test_broken_chunks_are_a_body_that_broke_off(service: Service, sender: Sender, body: bytes) -> None:
    with connected(service) as connection:
        connection.sendall(head(sender, CHUNKED) + body)

        assert answer(connection) == (400, "application/problem+json")


@pytest.mark.parametrize("body", BROKEN_CHUNKS.values(), ids=BROKEN_CHUNKS)
def test_broken_chunks_do_not_hide_why_a_stranger_was_refused(service: Service, body: bytes) -> None:
    with connected(service) as connection:
        connection.sendall(head(Sender(service.api_url, token="none"), CHUNKED) + body)

        assert answer(connection) == (401, "application/problem+json")


def test_a_body_shorter_than_announced_is_not_stored(service: Service, sender: Sender, ledger: Ledger) -> None:
    reference = new_reference()
    body = json.dumps(sender.letter(reference)).encode()
    with connected(service) as connection:
        connection.sendall(head(sender, f"Content-Length: {len(body) + 50}") + body)
        connection.shutdown(socket.SHUT_WR)

        assert answer(connection) == (400, "application/problem+json")
    assert ledger.mailings(reference) == 0


def test_clients_that_announce_bodies_and_send_none_do_not_stop_the_service(service: Service, sender: Sender) -> None:
    with ExitStack() as stack:
        for _ in range(70):  # more than there are threads
            connection = stack.enter_context(connected(service))
            connection.sendall(b"POST /nosuch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n")

        health = requests.get(f"{service.base_url}/health/live", timeout=30)

        assert health.status_code == 200
        assert answer(connection)[0] == 404  # told at once, though the body never came


@pytest.mark.parametrize("content_type", ["text/plain; x*=nosuch'en'%41", "application/json; charset=hex"])
@pytest.mark.parametrize("query", ["", "?a=1"])
def test_a_content_type_that_can_not_be_read_is_refused(
    service: Service, sender: Sender, content_type: str, query: str
) -> None:
    response = requests.post(
        sender.url + query, data=b"{}", headers={**sender.headers, "Content-Type": content_type}, timeout=30
    )
    health = requests.get(f"{service.base_url}/health/live{query}", headers={"Content-Type": content_type}, timeout=30)

    assert (response.status_code, response.headers["Content-Type"]) == (415, "application/problem+json")
    assert health.status_code == 200


def test_a_client_does_not_steer_the_routing_by_a_header(service: Service) -> None:
    response = requests.get(f"{service.base_url}/health/live", headers={"SCRIPT_NAME": "/health"}, timeout=30)

    assert response.status_code == 200
