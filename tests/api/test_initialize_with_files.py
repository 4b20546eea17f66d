"""POST /correspondence/upload: which file is whose, what is stored of it, and when its letter goes out."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attachments import actions as file_actions
from attachments.models import Attachment, AttachmentStatusEvent
from attachments.scanners.port import Verdict
from attachments.statuses import AttachmentStatus
from config.kernel import clock
from correspondence import actions
from correspondence.models import Correspondence, IdempotencyKey, Mailing, MailingAttachment, StatusEvent
from correspondence.statuses import Status
from tests.clients import Client, problem
from tests.files import CONTENT, MD5, body, md5, stored, uploaded
from tests.forms import assert_nothing_stayed, described, file, letter_parts, part, send, text, with_files
from tests.letters import ORGANIZATION, organizations
from tests.messages import Messages

KEY = "6f1f0f0e-8a44-4d0b-9a57-0d6f2f6f8c21"
BYPASSED = "Published; no malware scanner is configured"


def accepted(sender: Client, *parts: bytes) -> list[str]:
    """The ids of the attachments."""
    response = send(sender, *parts)
    assert response.status_code == 200, response.content
    ids: list[str] = response.json()["attachmentIds"]
    return ids


def history(attachment_id: str) -> list[tuple[int, str]]:
    return list(
        AttachmentStatusEvent.objects.filter(attachment=UUID(attachment_id)).in_order().values_list("status", "text")
    )


# --- What is stored ---


def test_a_file_is_stored_with_what_is_said_of_it(sender: Client, attachments_folder: Path) -> None:
    members = {"DisplayName": "Plan", "IsEncrypted": "True", "ExpirationInDays": "20", "SendersReference": "plan-43"}
    ignored = {"Id": KEY, "DataLocationType": "ExistingExternalStorage", "Name": "x"}

    [attachment_id] = accepted(sender, *letter_parts(), *described("plan.pdf", **members, **ignored), file())

    attachment = Attachment.objects.select_related("owner").get()
    assert str(attachment.pk) == attachment_id != KEY
    assert (attachment.file_name, attachment.display_name) == ("plan.pdf", "Plan")
    assert (attachment.is_encrypted, attachment.senders_reference) == (True, "plan-43")
    assert (attachment.size, attachment.checksum, attachment.expiration_in_days) == (len(CONTENT), MD5, 20)
    assert (attachment.resource_id, attachment.owner.organization_number) == ("fjordby-byggesak", "312295202")
    assert [path.read_bytes() for path in stored(attachments_folder)] == [CONTENT]


def test_the_overview_shows_the_files_in_the_order_of_their_entries(sender: Client) -> None:
    existing = uploaded(sender, fileName="old.txt")
    forth = [*letter_parts(request__ExistingAttachments=existing), *described("b.pdf", "a.txt", ExpirationInDays="20")]

    ids = accepted(sender, *forth, file("a.txt"), file("b.pdf"))

    mailing = Mailing.objects.get()
    shown = sender.overview(mailing.correspondences.get().pk).json()["content"]["attachments"]
    assert [entry["id"] for entry in shown] == ids
    assert [entry["fileName"] for entry in shown] == ["b.pdf", "a.txt", "old.txt"]
    assert [entry["dataType"] for entry in shown] == ["application/pdf", "text/plain", "text/plain"]
    assert {entry["dataLocationType"] for entry in shown} == {"AltinnCorrespondenceAttachment"}
    assert shown[0]["checksum"] == MD5
    expires = mailing.requested_publish_time + timedelta(days=20)
    assert [datetime.fromisoformat(entry["expirationTime"]) for entry in shown[:2]] == [expires, expires]
    assert shown[2]["expirationTime"] is None


def test_the_sender_can_fetch_a_file_and_see_its_letters(sender: Client) -> None:
    ids = accepted(sender, *letter_parts(*organizations(2)), *described("plan.pdf"), file(content=CONTENT * 5_000))

    overview = sender.attachment(ids[0]).json()
    letters = Correspondence.objects.order_by("pk").values_list("pk", flat=True)
    assert overview["correspondenceIds"] == [str(letter_id) for letter_id in letters]
    assert overview["checksum"] == md5(CONTENT * 5_000)
    assert body(sender.attachment(ids[0], "download")) == CONTENT * 5_000


def test_an_announced_checksum_may_be_that_of_the_bytes(sender: Client) -> None:
    accepted(sender, *letter_parts(), *described("plan.pdf", Checksum=MD5), file())

    assert Attachment.objects.get().checksum == MD5


# --- Which file is whose ---

NAMES = ("a.pdf", "b.pdf", "c.pdf")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_order_of_files_is_free_while_their_names_are_unique(sender: Client, order: tuple[int, ...]) -> None:
    files = [file(NAMES[index], NAMES[index].encode()) for index in order]

    ids = accepted(sender, *files, *letter_parts(), *described(*NAMES))

    checksums = {str(row.pk): (row.file_name, row.checksum) for row in Attachment.objects.all()}
    assert [checksums[attachment_id] for attachment_id in ids] == [(name, md5(name.encode())) for name in NAMES]


def test_files_of_one_name_are_paired_by_their_place(sender: Client) -> None:
    ids = accepted(sender, *with_files("a.pdf", "b.pdf", "a.pdf"))

    checksums = [Attachment.objects.get(pk=attachment_id).checksum for attachment_id in ids]
    assert checksums == [md5(b"a.pdf 0"), md5(b"b.pdf 1"), md5(b"a.pdf 2")]


UNPAIRED = {
    "a file without metadata": (["a.pdf"], ["a.pdf", "b.pdf"], "No entry is left for the file b.pdf"),
    "files and no metadata": ([], ["a.pdf"], "No entry is left for the file a.pdf"),
    "metadata without a file": (["a.pdf", "b.pdf"], ["a.pdf"], "No part named attachments has the filename b.pdf"),
    "metadata and no files": (["a.pdf"], [], "parts named attachments"),
    "another name": (["a.pdf"], ["b.pdf"], "No part named attachments has the filename a.pdf"),
    "another casing": (["a.pdf"], ["A.pdf"], "No part named attachments has the filename a.pdf"),
    "a path before the name": (["a.pdf"], [r"C:\\tmp\\a.pdf"], "No part named attachments has the filename a.pdf"),
    "a name twice for one entry": (["a.pdf", "b.pdf"], ["a.pdf", "a.pdf"], "has the filename b.pdf"),
    "one name in another order": (
        ["a.pdf", "b.pdf", "a.pdf"],
        ["a.pdf", "a.pdf", "b.pdf"],
        "Files of the same name must come in the order of their entries",
    ),
    "one name twice, another moved": (
        ["b.pdf", "a.pdf", "a.pdf"],
        ["a.pdf", "b.pdf", "a.pdf"],
        "Files of the same name must come in the order of their entries",
    ),
    "a nameless file": (["a.pdf"], [""], "No part named attachments has the filename a.pdf"),
}


@pytest.mark.parametrize(("entries", "files", "help"), UNPAIRED.values(), ids=UNPAIRED.keys())
def test_files_and_metadata_must_pair(
    sender: Client, attachments_folder: Path, entries: list[str], files: list[str], help: str
) -> None:
    response = send(sender, *letter_parts(), *described(*entries), *map(file, files))

    assert problem(response) == (400, "CORR-01005")
    assert help in response.json()["detail"]
    assert_nothing_stayed(attachments_folder)


def test_a_file_of_another_part_name_pairs_with_nothing(sender: Client, attachments_folder: Path) -> None:
    response = send(sender, *letter_parts(), *described("plan.pdf"), file(field="request.attachments"))

    assert problem(response) == (400, "CORR-01005")
    assert_nothing_stayed(attachments_folder)


def test_a_file_that_is_sent_as_a_value_is_none(sender: Client, attachments_folder: Path) -> None:
    """`curl -F attachments=plan.pdf`, without the @."""
    response = send(sender, *letter_parts(), *described("plan.pdf"), text("attachments", "plan.pdf"))

    assert problem(response) == (400, "CORR-01005")
    assert_nothing_stayed(attachments_folder)


# --- When the letter goes out ---


def queue(mailing: Mailing) -> int:
    return actions.queue_mailing(mailing_id=mailing.pk, now=clock.now())


def settle(attachment_id: str, verdict: Verdict) -> bool:
    return file_actions.settle(attachment_id=UUID(attachment_id), verdict=verdict, now=clock.now())


def test_without_a_scanner_files_are_published_at_once(sender: Client, messages: Messages) -> None:
    with messages() as woken:
        ids = accepted(sender, *with_files("a.pdf", "b.pdf"))

    for attachment_id in ids:
        assert history(attachment_id) == [(0, "Initialized"), (1, "UploadProcessing"), (2, BYPASSED)]
    rows = Attachment.objects.values_list("status", "status_text", "next_look_at")
    assert list(rows) == [(AttachmentStatus.PUBLISHED, BYPASSED, None)] * 2
    assert woken == {"queue": 1}
    assert queue(Mailing.objects.get()) == 1
    assert actions.publish_due(clock=clock.now) == 1


def test_with_a_scanner_the_letter_waits_for_the_last_of_its_files(
    sender: Client, settings: Any, messages: Messages
) -> None:
    settings.MALWARE_SCANNER = "clamav"
    with messages() as woken:
        ids = accepted(sender, *with_files("a.pdf", "b.pdf"))

    assert woken == {"queue": 1, "sweep": 1}  # the mailing, and one for all scans
    mailing, letter = Mailing.objects.get(), Correspondence.objects.get()
    assert history(ids[0]) == [(0, "Initialized"), (1, "UploadProcessing")]
    assert set(Attachment.objects.values_list("status", "status_text")) == {(1, "UploadProcessing")}
    shown = sender.overview(letter.pk).json()
    assert (shown["status"], shown["content"]["attachments"][0]["status"]) == ("Initialized", "UploadProcessing")
    assert queue(mailing) == 0

    assert settle(ids[1], Verdict(clean=True, text="Published"))
    assert queue(mailing) == 0
    assert settle(ids[0], Verdict(clean=True, text="Published"))
    assert queue(mailing) == 1
    assert history(ids[0])[2:] == [(2, "Published")]


def test_a_file_that_the_scanner_condemns_takes_its_letter_along(sender: Client, settings: Any) -> None:
    settings.MALWARE_SCANNER = "clamav"
    ids = accepted(sender, *with_files("a.pdf", "b.pdf"))
    settle(ids[0], Verdict(clean=True, text="Published"))
    settle(ids[1], Verdict(clean=False, text="Malware found: Eicar"))

    assert queue(Mailing.objects.get()) == 0
    assert Correspondence.objects.get().status == Status.FAILED
    reason = StatusEvent.objects.get(status=Status.FAILED).text
    assert reason == "The attachment b.pdf cannot be sent: Malware found: Eicar."


# --- What it costs, and keys ---


@pytest.mark.parametrize("scanner", ["none", "clamav"])
@pytest.mark.parametrize(("files", "recipients"), [(1, 1), (100, 500)])
def test_a_form_costs_the_same_number_of_statements_for_any_number_of_files(
    sender: Client,
    settings: Any,
    messages: Messages,
    scanner: str,
    files: int,
    recipients: int,
) -> None:
    settings.MALWARE_SCANNER = scanner
    names = [f"{number}.pdf" for number in range(files)]
    parts = [*letter_parts(*organizations(recipients)), *described(*names), *map(file, names)]

    with CaptureQueriesContext(connection) as queries, messages() as woken:
        assert len(accepted(sender, *parts)) == files

    statements = [query["sql"].split()[:3] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert [words[0] for words in statements] == ["SELECT", "SELECT", *["INSERT"] * 4, "COPY", "COPY"]
    assert woken == {"queue": 1} | ({} if scanner == "none" else {"sweep": 1})  # one for all scans
    assert MailingAttachment.objects.count() == files
    assert Correspondence.objects.count() == recipients


def test_a_key_that_was_used_refuses_the_form_and_its_files(sender: Client, attachments_folder: Path) -> None:
    accepted(sender, *with_files("a.pdf", request__IdempotentKey=KEY))
    before = stored(attachments_folder)

    response = send(sender, *with_files("b.pdf", request__IdempotentKey=KEY))

    assert problem(response) == (409, "CORR-01034")
    assert stored(attachments_folder) == before
    assert (Mailing.objects.count(), Attachment.objects.count()) == (1, 1)


def test_a_form_that_was_refused_does_not_use_its_key_up(sender: Client, attachments_folder: Path) -> None:
    wrong = [*letter_parts(request__IdempotentKey=KEY), *described("a.pdf"), file("b.pdf")]
    assert problem(send(sender, *wrong)) == (400, "CORR-01005")
    assert_nothing_stayed(attachments_folder)

    assert len(accepted(sender, *with_files("a.pdf", request__IdempotentKey=KEY))) == 1
    assert IdempotencyKey.objects.count() == 1


def test_a_key_is_for_one_recipient(sender: Client, attachments_folder: Path) -> None:
    parts = with_files("a.pdf", request__IdempotentKey=KEY)

    response = send(sender, *parts, text("Recipients[1]", "urn:altinn:person:identifier-no:01818517641"))

    assert problem(response) == (400, "CORR-01047")
    assert_nothing_stayed(attachments_folder)


def test_parts_are_separated_by_headers_alone(sender: Client) -> None:
    """Content that looks like a boundary, or like headers, is content."""
    content = b'\r\n--\r\n------8d1f-boundar\r\nContent-Disposition: form-data; name="Recipients"\r\n\r\n'
    disposition = 'Content-Disposition: form-data; name="attachments"; filename="a.pdf"'

    accepted(sender, *letter_parts(ORGANIZATION), *described("a.pdf"), part(disposition, content=content))

    assert Attachment.objects.get().checksum == md5(content)
