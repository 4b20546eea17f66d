"""Bodies as real clients send them: in chunks, too large, and with nobody's leave."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests

from tests.acceptance.ledger import Ledger
from tests.acceptance.sender import Sender, ids_in, new_reference
from tests.acceptance.service import Service

pytestmark = pytest.mark.e2e

MEBIBYTE = 1024 * 1024


def test_a_body_in_chunks_is_read_whole(sender: Sender) -> None:
    letter = sender.letter(new_reference(), recipients=500)

    response = sender.post_raw(in_chunks(json.dumps(letter).encode()))

    assert response.status_code == 200
    assert len(ids_in(response)) == 500


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_too_large_a_body_is_refused_and_its_sender_hears_why(chunked: bool, sender: Sender, ledger: Ledger) -> None:
    reference = new_reference()
    body = json.dumps({**sender.letter(reference), "padding": "x" * 5 * MEBIBYTE}).encode()

    response = sender.post_raw(in_chunks(body) if chunked else body)

    assert problem(response) == 413
    assert ledger.mailings(reference) == 0


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_who_has_no_token_hears_so_though_the_body_is_still_on_its_way(chunked: bool, service: Service) -> None:
    body = b"{" + b" " * 3 * MEBIBYTE
    stranger = Sender(service.api_url, token="none")

    response = stranger.post_raw(in_chunks(body) if chunked else body)

    assert problem(response) == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def in_chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 10_000):
        yield body[start : start + 10_000]


def problem(response: requests.Response) -> int:
    """The status of an error answer, said twice."""
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == response.status_code
    return response.status_code
