"""A file uploaded by itself, from its bytes on a socket to its recipient's disk."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from config.kernel import clock
from tests.acceptance.service import Service
from tests.acceptance.uploader import RECIPIENT, Uploader, answer, bytes_of, in_chunks
from tests.acceptance.waiting import until

pytestmark = pytest.mark.e2e

BOTH = pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
TOO_LARGE = 9_000_000  # for `strict`
NOBODYS = "0199e3a0-0000-7000-8000-000000000000"


@BOTH
def test_an_uploaded_file_reaches_the_recipient_of_a_letter_byte_for_byte(
    chunked: bool, uploader: Uploader, recipient: Uploader
) -> None:
    content = bytes_of(3_000_000)
    attachment = uploader.initialize("plan.pdf")

    uploaded = uploader.upload(attachment, in_chunks(content) if chunked else content)

    assert (uploaded.status_code, uploaded.json()["status"]) == (200, "Published")
    assert uploaded.json()["checksum"] == hashlib.md5(content).hexdigest()
    (letter,) = uploader.send(uploader.letter_to(RECIPIENT, existingAttachments=[attachment]))
    until(lambda: uploader.overview(letter)["status"] == "Published")
    whole = recipient.download(letter, attachment)
    assert (whole.status_code, whole.headers["Content-Type"]) == (200, "application/pdf")
    assert whole.content == content
    part = recipient.download(letter, attachment, Range="bytes=1000000-1999999")
    assert (part.status_code, part.headers["Content-Range"]) == (206, "bytes 1000000-1999999/3000000")
    assert part.content == content[1_000_000:2_000_000]
    assert uploader.overview(letter)["status"] == "AttachmentsDownloaded"
    assert uploader.attachment(attachment)["correspondenceIds"] == [letter]


def test_a_letter_that_waits_shows_its_file_to_its_sender_and_to_nobody_else(
    uploader: Uploader, recipient: Uploader
) -> None:
    attachment = uploader.uploaded(bytes_of(1000))
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    request = uploader.letter_to(RECIPIENT, existingAttachments=[attachment])
    request["correspondence"]["requestedPublishTime"] = tomorrow

    (letter,) = uploader.send(request)

    (shown,) = uploader.overview(letter)["content"]["attachments"]
    assert (shown["id"], shown["fileName"], shown["status"]) == (attachment, "plan.txt", "Published")
    assert recipient.download(letter, attachment).status_code == 404


@BOTH
def test_a_client_that_sends_all_of_too_large_a_file_hears_why_it_was_refused(
    chunked: bool, strict: Service, strict_uploader: Uploader
) -> None:
    attachment, body = strict_uploader.initialize(), bytes_of(TOO_LARGE)

    response = strict_uploader.upload(attachment, in_chunks(body, 65_536) if chunked else body)

    assert (response.status_code, response.json()["code"]) == (400, "CORR-02004")
    # An upload that never began may be begun again.
    assert strict_uploader.attachment(attachment)["status"] == ("Failed" if chunked else "Initialized")
    until(lambda: not any(attachment in name for name in strict.files()))


@BOTH
def test_who_has_no_token_hears_so_though_megabytes_are_on_their_way(chunked: bool, service: Service) -> None:
    body = bytes_of(20_000_000)  # more than the service throws away for a client that does not listen yet

    response = Uploader(service.api_url, "none").upload(NOBODYS, in_chunks(body, 65_536) if chunked else body)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_client_that_asks_first_need_not_send_a_file_that_is_refused(
    strict: Service, strict_uploader: Uploader
) -> None:
    attachment, stranger = strict_uploader.initialize(), Uploader(strict.api_url, "none")
    lines = (f"Content-Length: {TOO_LARGE}", "Expect: 100-continue")

    with strict_uploader.upload_begun(attachment, *lines) as connection:
        too_large = answer(connection)
    with stranger.upload_begun(attachment, *lines) as connection:
        unknown = answer(connection)

    assert (too_large.status, too_large.code) == (400, "CORR-02004")
    assert unknown.status == 401
    assert strict_uploader.upload(attachment, bytes_of(100)).status_code == 200


def test_a_client_that_asks_first_is_told_to_send(strict_uploader: Uploader) -> None:
    attachment, content = strict_uploader.initialize(), bytes_of(100_000)

    with strict_uploader.upload_begun(
        attachment, f"Content-Length: {len(content)}", "Expect: 100-continue"
    ) as connection:
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(content)

        assert answer(connection).status == 200


def test_of_two_uploads_to_one_attachment_the_second_is_refused_and_the_first_stands(uploader: Uploader) -> None:
    attachment, content = uploader.initialize(), bytes_of(200_000)
    with uploader.upload_begun(attachment, f"Content-Length: {len(content)}") as connection:
        connection.sendall(content[:100_000])
        until(lambda: uploader.attachment(attachment)["status"] == "UploadProcessing")

        second = uploader.upload(attachment, bytes_of(50))
        connection.sendall(content[100_000:])
        first = answer(connection)

    assert (second.status_code, second.json()["code"]) == (400, "CORR-02005")
    assert first.status == 200
    assert uploader.attachment(attachment)["checksum"] == hashlib.md5(content).hexdigest()
