"""GET …/correspondence/{id}/attachment/{attachmentId}/download: the recipient's file (contract http-api.md §7)."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from attachments.models import Attachment
from attachments.statuses import AttachmentStatus
from attachments.storage.port import StorageUnavailable
from config.kernel import clock
from correspondence import actions
from correspondence.actions.advance import fail_unfinished
from correspondence.models import Correspondence, Mailing, MailingAttachment, StatusEvent
from correspondence.statuses import Status
from registry.actions import delegate
from registry.models import Resource, ServiceOwner
from tests.clients import Client, keys, problem
from tests.conftest import token
from tests.files import CONTENT, body, stored, uploaded
from tests.letters import ORGANIZATION, PERSON, letter
from tests.tokens import signed

READ, END_USER = "altinn:correspondence.read", "altinn:portal/enduser"


def published(sender: Client, attachment_id: str, recipient: str = ORGANIZATION, *, out: bool = True) -> str:
    """The correspondence of a letter with this file."""
    response = sender.post(letter(recipient, request__existingAttachments=[attachment_id]))
    assert response.status_code == 200, response.content
    if out:
        for mailing in Mailing.objects.unqueued():
            actions.queue_mailing(mailing_id=mailing.pk, now=clock.now())
        actions.publish_due(clock=clock.now)
    letter_id: str = response.json()["correspondences"][0]["correspondenceId"]
    return letter_id


def downloads() -> list[tuple[str, str]]:
    events = StatusEvent.objects.filter(status=Status.ATTACHMENTS_DOWNLOADED)
    return list(events.values_list("text", "party"))


@pytest.fixture
def attachment_id(sender: Client) -> str:
    return uploaded(sender)


@pytest.fixture
def letter_id(sender: Client, attachment_id: str) -> str:
    return published(sender, attachment_id)


def test_the_recipient_gets_the_bytes_and_the_history_says_so(
    sender: Client, reader: Client, letter_id: str, attachment_id: str
) -> None:
    response = reader.fetch(letter_id, attachment_id, Accept="text/html")

    assert (response.status_code, body(response)) == (200, CONTENT)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == "inline; filename*=UTF-8''plan.pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    assert response["Accept-Ranges"] == "bytes"
    assert downloads() == [(f"Attachment {attachment_id} was downloaded", ORGANIZATION)]
    overview = sender.overview(letter_id).json()
    assert (overview["status"], attachment_id in overview["statusText"]) == ("AttachmentsDownloaded", True)


@pytest.mark.parametrize("given", ["fjordby-byggesak", None])
def test_a_file_is_for_whom_its_own_resource_is_open(sender: Client, owner: ServiceOwner, given: str | None) -> None:
    """It may be of another resource than its letter (contract access.md §4)."""
    other = Resource.objects.create(id="fjordby-skatt", owner=owner)
    attachment_id = uploaded(sender, resourceId=other.pk)
    letter_id = published(sender, attachment_id)
    delegate(from_party=ORGANIZATION, to_party=PERSON, right="read", resource_id=given, by="test", now=clock.now())
    person = Client(signed({"pid": PERSON[-11:], "scope": READ, "urn:altinn:authlevel": "3"}))

    assert person.overview(letter_id).status_code == 200
    if given:
        assert problem(person.fetch(letter_id, attachment_id)) == (401, "CORR-04001")
        return
    assert body(person.fetch(letter_id, attachment_id)) == CONTENT
    Resource.objects.filter(pk=other.pk).update(minimum_authentication_level=4)
    refused = person.fetch(letter_id, attachment_id)
    assert problem(refused) == (401, "CORR-04001")
    assert "level 4" in refused.json()["detail"]


def test_every_bad_id_of_the_path_is_named(reader: Client) -> None:
    assert keys(reader.fetch("x", "y")) == {"correspondenceId", "attachmentId"}


def test_a_letter_says_since_when_it_carries_a_file(reader: Client, letter_id: str) -> None:
    """As in the contract's example, not since when the file is there."""
    overview = reader.overview(letter_id).json()

    assert [entry["created"] for entry in overview["content"]["attachments"]] == [overview["created"]]


def test_each_download_is_written_down(reader: Client, letter_id: str, attachment_id: str) -> None:
    for _ in range(2):
        body(reader.fetch(letter_id, attachment_id))

    assert len(downloads()) == 2


@pytest.mark.parametrize(
    ("name", "content_type", "disposition"),
    [
        ("a.txt", "text/plain; charset=utf-8", "attachment; filename=\"a.txt\"; filename*=UTF-8''a.txt"),
        ("a.csv", "text/csv; charset=utf-8", "attachment; filename=\"a.csv\"; filename*=UTF-8''a.csv"),
        ("a.html", "text/html; charset=utf-8", "attachment; filename=\"a.html\"; filename*=UTF-8''a.html"),
        ("a.xml", "application/xml", "attachment; filename=\"a.xml\"; filename*=UTF-8''a.xml"),
        ("a.json", "application/json", "attachment; filename=\"a.json\"; filename*=UTF-8''a.json"),
        ("a.dcm", "application/dicom", "attachment; filename=\"a.dcm\"; filename*=UTF-8''a.dcm"),
        ("a.docx", "application/octet-stream", "attachment; filename=\"a.docx\"; filename*=UTF-8''a.docx"),
        ("A.JPG", "image/jpeg", "inline; filename*=UTF-8''A.JPG"),
        (
            "blå ørret; 100%.zip",
            "application/octet-stream",
            "attachment; filename=\"bl_ _rret; 100_.zip\"; filename*=UTF-8''bl%C3%A5%20%C3%B8rret%3B%20100%25.zip",
        ),
        ("Kari's plan.png", "image/png", "inline; filename*=UTF-8''Kari%27s%20plan.png"),
    ],
)
def test_type_and_name_follow_the_file_name(
    sender: Client, reader: Client, name: str, content_type: str, disposition: str
) -> None:
    attachment_id = uploaded(sender, fileName=name)

    response = reader.fetch(published(sender, attachment_id), attachment_id)

    assert (response["Content-Type"], response["Content-Disposition"]) == (content_type, disposition)
    body(response)


def test_a_quote_in_a_stored_name_can_not_break_the_header(
    sender: Client, reader: Client, letter_id: str, attachment_id: str
) -> None:
    """No such name is accepted; one that got into the table otherwise does no harm."""
    Attachment.objects.update(file_name='a"; x="\r\n.zip')

    response = reader.fetch(letter_id, attachment_id)

    assert response["Content-Disposition"] == (
        "attachment; filename=\"a_; x=___.zip\"; filename*=UTF-8''a%22%3B%20x%3D%22%0D%0A.zip"
    )
    body(response)


# --- Ranges ---


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-3", 0, 4),
        ("bytes=4-8", 4, 9),
        ("bytes=40-", 40, 43),
        ("bytes=-3", 40, 43),
        ("bytes=-1000", 0, 43),
        ("bytes=5-9999999999", 5, 43),
        ("Bytes=42-42", 42, 43),
        (f"bytes=40-{'9' * 30}", 40, 43),
    ],
)
def test_a_range_is_answered(
    reader: Client, letter_id: str, attachment_id: str, asked: str, start: int, end: int
) -> None:
    response = reader.fetch(letter_id, attachment_id, Range=asked)

    assert (response.status_code, body(response)) == (206, CONTENT[start:end])
    assert response["Content-Range"] == f"bytes {start}-{end - 1}/43"
    assert response["Content-Length"] == str(end - start)
    assert len(downloads()) == (1 if start == 0 else 0)


@pytest.mark.parametrize("asked", ["bytes=43-", "bytes=100-200", "bytes=-0", f"bytes={'1' * 30}-"])
def test_a_range_outside_the_file_is_416_and_no_download(
    reader: Client, letter_id: str, attachment_id: str, asked: str
) -> None:
    response = reader.fetch(letter_id, attachment_id, Range=asked)

    assert problem(response) == (416, None)
    assert response["Content-Range"] == "bytes */43"
    assert downloads() == []


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,3-4", "lines=0-1", "bytes=9-4", "bytes=-", "bytes=x-", "bytes=" + "1" * 30]
)
def test_what_is_no_single_range_gets_the_whole_file(
    reader: Client, letter_id: str, attachment_id: str, asked: str
) -> None:
    response = reader.fetch(letter_id, attachment_id, Range=asked)

    assert (response.status_code, body(response)) == (200, CONTENT)


def test_a_range_of_another_file_gets_the_whole_one(reader: Client, letter_id: str, attachment_id: str) -> None:
    etag = reader.fetch(letter_id, attachment_id, method="HEAD")["ETag"]

    same = reader.fetch(letter_id, attachment_id, Range="bytes=1-2", If_Range=etag)
    assert (same.status_code, body(same)) == (206, CONTENT[1:3])
    other = reader.fetch(letter_id, attachment_id, Range="bytes=1-2", If_Range='"other"')
    assert (other.status_code, body(other)) == (200, CONTENT)


def test_head_tells_the_size_and_is_no_download(reader: Client, letter_id: str, attachment_id: str) -> None:
    response = reader.fetch(letter_id, attachment_id, method="HEAD", Range="bytes=1-2")

    assert (response.status_code, response["Content-Length"], response.content) == (200, "43", b"")
    assert downloads() == []


# --- Who may, and when ---


def test_who_may_fetch_it(
    sender: Client, stranger: Client, platform: Client, letter_id: str, attachment_id: str
) -> None:
    organization = "314762290"
    cells: dict[str, tuple[Client, tuple[int, str | None]]] = {
        "no token": (stranger, (401, None)),
        "its sender, with the write scope only": (sender, (403, None)),
        "a platform token": (platform, (403, None)),
        "another organisation": (Client(token("310635820", scope=READ)), (401, "CORR-04001")),
        "a person of that organisation, without a delegation": (
            Client(signed({"pid": "01818517641", "scope": READ, "urn:altinn:orgNumber": organization})),
            (401, "CORR-04001"),
        ),
    }
    for who, (client, expected) in cells.items():
        assert problem(client.fetch(letter_id, attachment_id)) == expected, who
    assert downloads() == []
    for scope in (READ, END_USER):
        assert body(Client(token(organization, scope=scope)).fetch(letter_id, attachment_id)) == CONTENT


def test_a_person_fetches_what_is_addressed_to_them(sender: Client, attachment_id: str) -> None:
    letter_id = published(sender, attachment_id, PERSON)
    person = Client(signed({"pid": PERSON[-11:], "scope": END_USER}))

    assert body(person.fetch(letter_id, attachment_id)) == CONTENT
    assert downloads()[0][1] == PERSON


def test_unknown_ids_are_told_apart(reader: Client, letter_id: str, attachment_id: str) -> None:
    assert problem(reader.fetch(uuid4(), attachment_id)) == (404, "CORR-01001")
    assert problem(reader.fetch(letter_id, uuid4())) == (404, "CORR-02001")
    assert keys(reader.fetch("x", attachment_id)) == {"correspondenceId"}
    assert keys(reader.fetch(letter_id, "y")) == {"attachmentId"}


def test_a_file_of_another_letter_is_not_on_this_one(sender: Client, reader: Client, letter_id: str) -> None:
    assert problem(reader.fetch(letter_id, uploaded(sender))) == (404, "CORR-02001")


def test_nothing_is_fetched_before_it_is_published(sender: Client, reader: Client, attachment_id: str) -> None:
    letter_id = published(sender, attachment_id, out=False)

    assert problem(reader.fetch(letter_id, attachment_id)) == (404, "CORR-01001")
    fail_unfinished([Correspondence.objects.get().mailing_id], "It was withdrawn", clock.now())
    assert problem(reader.fetch(letter_id, attachment_id)) == (404, "CORR-01001")
    Attachment.objects.update(status=AttachmentStatus.UPLOAD_PROCESSING)  # of which it is not told either
    assert problem(reader.fetch(letter_id, attachment_id)) == (404, "CORR-01001")
    assert downloads() == []


@pytest.mark.parametrize(
    ("status", "code"), [(AttachmentStatus.PURGED, "CORR-02019"), (AttachmentStatus.EXPIRED, "CORR-02020")]
)
def test_what_is_gone_is_told(
    reader: Client, letter_id: str, attachment_id: str, status: AttachmentStatus, code: str
) -> None:
    Attachment.objects.update(status=status)

    assert problem(reader.fetch(letter_id, attachment_id)) == (400, code)


def test_a_link_that_has_expired_is_closed_at_that_time(reader: Client, letter_id: str, attachment_id: str) -> None:
    MailingAttachment.objects.update(expiration_time=clock.now() - timedelta(seconds=1))

    assert problem(reader.fetch(letter_id, attachment_id)) == (400, "CORR-02020")


def test_a_storage_that_is_down_is_a_clear_fault_and_no_download(
    reader: Client, letter_id: str, attachment_id: str, attachments_folder: Path
) -> None:
    for file in stored(attachments_folder):
        file.unlink()

    assert problem(reader.fetch(letter_id, attachment_id)) == (502, "CORR-02002")
    assert downloads() == []


def test_a_file_shorter_than_it_was_breaks_off_and_is_no_whole_answer(
    reader: Client, letter_id: str, attachment_id: str, attachments_folder: Path
) -> None:
    for file in stored(attachments_folder):
        file.write_bytes(CONTENT[:10])

    response = reader.fetch(letter_id, attachment_id)

    with pytest.raises(StorageUnavailable, match="33 bytes are missing"):
        body(response)


def test_a_download_that_takes_too_long_breaks_off(sender: Client, reader: Client, settings: Any) -> None:
    attachment_id = uploaded(sender, b"x" * 600_000)
    letter_id = published(sender, attachment_id)
    settings.UPLOAD_MOST_SECONDS = -1

    with pytest.raises(StorageUnavailable, match="longer than UPLOAD_MOST_SECONDS"):
        body(reader.fetch(letter_id, attachment_id))


def test_a_download_costs_the_same_statements_for_any_number_of_recipients(
    sender: Client, reader: Client, letter_id: str, attachment_id: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(7):  # letter, link; in one transaction with its two marks: lock, status, event
        response = reader.fetch(letter_id, attachment_id)
    body(response)
