"""Clients that dawdle, hang up or do not read: each ends by itself, and nobody else waits for them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPResponse, IncompleteRead
from urllib.parse import urlsplit

import pytest

from tests.acceptance.sender import new_reference
from tests.acceptance.service import Service
from tests.acceptance.uploader import CHUNKED, Uploader, answer, bytes_of, drip, framed
from tests.acceptance.waiting import Stopwatch, show, until

pytestmark = pytest.mark.e2e

BOTH = pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
AT_ONCE = 2  # UPLOADS_AT_ONCE and DOWNLOADS_AT_ONCE of `strict`
LARGE = 8_000_000  # more than the kernels take in between
PATIENCE = 20.0  # seconds, of which each of these clients needs but a few


def no_file_of(attachment: str, service: Service) -> bool:
    return not any(attachment in name for name in service.files())


@BOTH
def test_an_upload_that_trickles_in_ends_in_408(chunked: bool, strict: Service, strict_uploader: Uploader) -> None:
    attachment, watch = strict_uploader.initialize(), Stopwatch()
    with strict_uploader.upload_begun(attachment, CHUNKED if chunked else "Content-Length: 100000") as connection:
        drip(connection, b"1\r\nx\r\n" if chunked else b"x", every=0.2, seconds=PATIENCE)
        told = answer(connection)

    show(f"told after {watch.seconds:.1f} s, with a window of 2 s")
    assert (told.status, told.code) == (408, "CORR-02022")
    assert strict_uploader.attachment(attachment)["status"] == "Failed"
    assert no_file_of(attachment, strict)


@BOTH
def test_an_upload_that_is_slow_but_fast_enough_is_taken_in(chunked: bool, strict_uploader: Uploader) -> None:
    attachment, content = strict_uploader.initialize(), bytes_of(16_000)
    pieces = [content[start : start + 1000] for start in range(0, len(content), 1000)]
    lines = CHUNKED if chunked else f"Content-Length: {len(content)}"
    with strict_uploader.upload_begun(attachment, lines) as connection:
        for piece in pieces:  # for 3 s, where a window has 2
            drip(connection, framed(piece).removesuffix(framed(b"")) if chunked else piece, every=0.2, seconds=0.01)
        if chunked:
            connection.sendall(framed(b""))
        told = answer(connection)

    assert told.status == 200, told.body
    assert strict_uploader.attachment(attachment)["status"] == "Published"


def test_as_many_slow_uploads_as_may_be_at_once_stop_nobody_else(strict_uploader: Uploader) -> None:
    refused = strict_uploader.initialize()
    (letter,) = strict_uploader.send(strict_uploader.letter(new_reference()))
    slow = [strict_uploader.initialize() for _ in range(AT_ONCE)]
    with ExitStack() as stack:
        connections = [
            stack.enter_context(strict_uploader.upload_begun(attachment, "Content-Length: 100000"))
            for attachment in slow
        ]
        for attachment in slow:
            strict_uploader.await_status(attachment, "UploadProcessing")

        watch = Stopwatch()
        one_more = strict_uploader.upload(refused, bytes_of(100))
        for _ in range(10):
            strict_uploader.overview(letter)
            strict_uploader.send(strict_uploader.letter(new_reference()))
        show(f"meanwhile 10 letters were sent and 10 looked at in {watch.seconds:.2f} s")

        assert [strict_uploader.attachment(attachment)["status"] for attachment in slow] == ["UploadProcessing"] * 2
        assert one_more.status_code == 503
        assert int(one_more.headers["Retry-After"]) > 0
        assert strict_uploader.attachment(refused)["status"] == "Initialized"
        assert [answer(connection).status for connection in connections] == [408] * AT_ONCE
    assert strict_uploader.upload(refused, bytes_of(100)).status_code == 200


@BOTH
def test_nothing_stays_of_an_upload_whose_client_hangs_up(
    chunked: bool, strict: Service, strict_uploader: Uploader
) -> None:
    attachment, half = strict_uploader.initialize(), bytes_of(500_000)
    with strict_uploader.upload_begun(attachment, CHUNKED if chunked else "Content-Length: 1000000") as connection:
        connection.sendall(framed(half).removesuffix(framed(b"")) if chunked else half)
        until(lambda: not no_file_of(attachment, strict))

    strict_uploader.await_status(attachment, "Failed")

    assert "broke off" in strict_uploader.attachment(attachment)["statusText"]
    assert no_file_of(attachment, strict)


def test_clients_that_do_not_read_what_they_download_are_cut_off_and_stop_nobody_else(
    strict_uploader: Uploader,
) -> None:
    attachment = strict_uploader.uploaded(bytes_of(LARGE))
    url = f"{strict_uploader.attachments}/{attachment}/download"
    with ExitStack() as stack:
        connections = [stack.enter_context(deaf(url, strict_uploader)) for _ in range(AT_ONCE)]
        one_more = strict_uploader.fetch(attachment)
        watch = Stopwatch()
        for _ in range(10):
            strict_uploader.send(strict_uploader.letter(new_reference()))
        show(f"meanwhile 10 letters were sent in {watch.seconds:.2f} s")
        # As soon as a slot is free again somebody else gets the file.
        until(lambda: strict_uploader.fetch(attachment).status_code == 200)

        assert one_more.status_code == 503
        assert [falls_short(connection) for connection in connections] == [True] * AT_ONCE


@contextmanager
def deaf(url: str, client: Uploader) -> Iterator[socket.socket]:
    """A client that has asked for a file, and has no room for it."""
    address = urlsplit(url)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(30)
        connection.connect((address.hostname, address.port))
        token = client.headers["Authorization"]
        head = f"GET {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: {token}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 200"  # it has begun
        yield connection


def falls_short(connection: socket.socket) -> bool:
    """Whether what can be read by now is not the whole file."""
    response = HTTPResponse(connection)
    response.begin()
    try:
        return len(response.read()) < LARGE
    except (IncompleteRead, ConnectionResetError):
        return True
