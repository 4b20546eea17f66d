"""POST /correspondence/upload: forms as libraries and people write them (contract http-api.md §4)."""

from typing import Any

import pytest

from attachments.models import Attachment
from correspondence.models import Correspondence, Mailing
from tests.clients import Client, problem
from tests.files import CONTENT, uploaded
from tests.forms import BOUNDARY, CONTENT_TYPE, described, file, form, letter_parts, part, send, text
from tests.letters import ORGANIZATION, PERSON, organizations

KEY = "6f1f0f0e-8a44-4d0b-9a57-0d6f2f6f8c21"
UTF_8 = "Content-Type: text/plain; charset=utf-8"


def accepted(sender: Client, *parts: bytes) -> Mailing:
    """The letter that a form becomes."""
    response = send(sender, *parts)
    assert response.status_code == 200, response.content
    return Mailing.objects.get()


# --- How a body names its boundary ---

BOUNDARIES = {
    "unquoted": (BOUNDARY, CONTENT_TYPE),
    "quoted, as .NET": (BOUNDARY, f'multipart/form-data; boundary="{BOUNDARY}"'),
    "with characters that need quotes": ("a=b:c?d", 'multipart/form-data; boundary="a=b:c?d"'),
    "in capitals, behind a charset": (BOUNDARY, f"Multipart/Form-Data; charset=UTF-8; BOUNDARY={BOUNDARY}"),
    "70 characters": ("b" * 70, f"multipart/form-data;boundary={'b' * 70}"),
}


@pytest.mark.parametrize(("boundary", "content_type"), BOUNDARIES.values(), ids=BOUNDARIES.keys())
def test_boundaries(sender: Client, boundary: str, content_type: str) -> None:
    body = form(*letter_parts(), *described("plan.pdf"), file(), boundary=boundary)

    assert sender.post_form(body, content_type).status_code == 200
    assert Attachment.objects.count() == 1


# --- How a file names itself: `plan å.pdf`, or what the table says ---

DISPOSITION = "Content-Disposition: form-data; "
FILES = {
    "browsers": DISPOSITION + 'name="attachments"; filename="plan å.pdf"',
    ".NET": DISPOSITION
    + 'name=attachments; filename="=?utf-8?B?cGxhbiDDpS5wZGY=?="; filename*=utf-8\'\'plan%20%C3%A5.pdf',
    "encoded words alone": DISPOSITION + 'name=attachments; filename="=?utf-8?B?cGxhbiDDpS5wZGY=?="',
    "quoted-printable": DISPOSITION + 'name=attachments; filename="=?utf-8?Q?plan_=C3=A5.pdf?="',
    "the starred form wins": DISPOSITION + "name=attachments; filename*=UTF-8''plan%20%C3%A5.pdf; filename=other.pdf",
    "no quotes at all": DISPOSITION + "name=attachments; filename=plan å.pdf",
    "another casing": "CONTENT-DISPOSITION: form-data; NAME=Attachments; FileName=\"plan å.pdf\"",
}  # fmt: skip


@pytest.mark.parametrize("disposition", FILES.values(), ids=FILES.keys())
@pytest.mark.parametrize("lines", [[], ["Content-Type: text/html; x=y", "Content-Length: 43", "X-Other: 1"]])
def test_file_names(sender: Client, disposition: str, lines: list[str]) -> None:
    accepted(sender, *letter_parts(), *described("plan å.pdf"), part(disposition, *lines, content=CONTENT))

    assert Attachment.objects.get().file_name == "plan å.pdf"


@pytest.mark.parametrize("type", ["", "image/png", "application/json", "multipart/mixed; boundary=x", "nonsense"])
def test_the_content_type_of_a_file_is_irrelevant(sender: Client, type: str) -> None:
    accepted(sender, *letter_parts(), *described("plan.pdf"), file(type=type))

    attachment = Attachment.objects.get()
    assert (attachment.file_name, attachment.size) == ("plan.pdf", len(CONTENT))


# --- How values are written: each form is a letter with this beside or in place of its minimal values ---


def value(name: str, content: str, *headers: str) -> bytes:
    return text(f"Correspondence.{name}", content, *headers)


VALUES: dict[str, tuple[list[bytes], dict[str, Any]]] = {
    "a name without quotes, and a type, as .NET": (
        [part(DISPOSITION + "name=Correspondence.MessageSender", UTF_8, content="Fjordby")],
        {"message_sender": "Fjordby"},
    ),
    "the type before the name": (
        [part(UTF_8, DISPOSITION + 'name="Correspondence.MessageSender"', content="Måløy")],
        {"message_sender": "Måløy"},
    ),
    "another casing": ([text("CORRESPONDENCE.messagesender", "x")], {"message_sender": "x"}),
    "line breaks": ([value("Content.MessageSummary", "a\r\nb\n")], {"summary": "a\r\nb\n"}),
    "True": ([value("IgnoreReservation", "True")], {"ignore_reservation": True}),
    "true": ([value("IgnoreReservation", "true", UTF_8)], {"ignore_reservation": True}),
    "False": ([value("IgnoreReservation", "False")], {"ignore_reservation": False}),
    "an empty text": ([value("MessageSender", "")], {"message_sender": None}),
    "an empty language": ([value("Content.Language", "")], {"language": "nb"}),
    "an empty date": ([value("DueDateTime", "")], {"due_date_time": None}),
    "an empty flag": ([value("IsConfidential", "")], {"is_confidential": False}),
    "an empty flag that may be null": ([value("IgnoreReservation", "")], {"ignore_reservation": None}),
    "empty ids": ([text("existingAttachments", ""), text("idempotentKey", "")], {}),
    "unknown names": ([value("Content.Attachments[0].Name", "x"), value("Unknown", "x"), text("x", "x")], {}),
    "a part with an empty name": ([text("", "x")], {}),
    "a part without a name": ([part("Content-Disposition: form-data", content="x")], {}),
    "a part without headers": ([part(content="x")], {}),
    "a file under another name": ([file(field="other"), file(field="")], {}),
    "a file input that was left empty": ([file("", b"", type="application/octet-stream")], {}),
    "properties": (
        [value("PropertyList.MyKey", "1"), value("PropertyList.my.dotted.key", "2"), value("PropertyList[a.b]", "3")],
        {"property_list": {"MyKey": "1", "my.dotted.key": "2", "a.b": "3"}},
    ),
    "properties as entries": (
        [value("PropertyList[0].Key", "MyKey"), value("PropertyList[0].Value", "1")],
        {"property_list": {"MyKey": "1"}},
    ),
    "objects": (
        [value("ReplyOptions[0].LinkURL", "https://a.no"), value("ReplyOptions[0].LinkText", "")],
        {"reply_options": [{"url": "https://a.no", "text": None}]},
    ),
    "an enum by name": (
        [value("ExternalReferences[0].ReferenceValue", "x"), value("ExternalReferences[0].ReferenceType", "generic")],
        {"external_references": [{"value": "x", "type": "Generic"}]},
    ),
    "an enum by number": (
        [value("ExternalReferences[0].ReferenceValue", "x"), value("ExternalReferences[0].ReferenceType", "1")],
        {"external_references": [{"value": "x", "type": "AltinnAppInstance"}]},
    ),
}


@pytest.mark.parametrize(("parts", "expected"), VALUES.values(), ids=VALUES.keys())
@pytest.mark.parametrize("order", ["values first", "values last"])
def test_values(sender: Client, parts: list[bytes], expected: dict[str, Any], order: str) -> None:
    both = [letter_parts(), parts]
    mailing = accepted(sender, *(each for group in (both if order == "values last" else both[::-1]) for each in group))

    assert {name: getattr(mailing, name) for name in expected} == expected
    assert not Attachment.objects.exists()


MOMENTS = {
    ".NET": ("05/29/2031 13:31:28 +00:00", 0),
    ".NET, another offset": ("05/29/2031 15:31:28 +02:00", 0),
    "no offset is UTC": ("05/29/2031 13:31:28", 0),
    **{
        f"{digits} decimals": (f"05/29/2031 13:31:28.{'1234567'[:digits]} +00:00", int("123456"[:digits].ljust(6, "0")))
        for digits in range(1, 8)
    },
    "ISO 8601": ("2031-05-29T13:31:28Z", 0),
    "ISO 8601, seven decimals": ("2031-05-29T15:31:28.1234567+02:00", 123_456),
    "ISO 8601, no offset": ("2031-05-29T13:31:28", 0),
}


@pytest.mark.parametrize(("written", "microsecond"), MOMENTS.values(), ids=MOMENTS.keys())
def test_moments(sender: Client, written: str, microsecond: int) -> None:
    due = accepted(sender, *letter_parts(DueDateTime=written)).due_date_time

    assert due is not None
    assert (due.isoformat()[:19], due.microsecond) == ("2031-05-29T13:31:28", microsecond)


# --- How lists, repeated names and the prefix are read ---

RECIPIENTS = {
    "indexed": ["Recipients[0]", "Recipients[1]"],
    "repeated without an index": ["Recipients", "recipients"],
    "with empty brackets": ["Recipients[]", "Recipients[]"],
}


@pytest.mark.parametrize("names", RECIPIENTS.values(), ids=RECIPIENTS.keys())
def test_recipients(sender: Client, names: list[str]) -> None:
    members = [each for each in letter_parts() if b"Recipients" not in each]
    accepted(sender, *members, *map(text, names, [PERSON, "0192:314762290"]))

    assert list(Correspondence.objects.order_by("id").values_list("recipient", flat=True)) == [PERSON, ORGANIZATION]


@pytest.mark.parametrize("prefix", ["request.", "Request."])
def test_every_name_may_have_the_prefix_but_the_files_have_none(sender: Client, prefix: str) -> None:
    existing = uploaded(sender)
    parts = [*letter_parts(prefix=prefix), *described("plan.pdf", prefix=prefix), file()]
    response = send(sender, *parts, text(f"{prefix}existingAttachments", existing))

    assert response.status_code == 200, response.content
    assert response.json()["attachmentIds"][1:] == [existing]


def test_of_one_name_twice_the_first_value_wins(sender: Client) -> None:
    twice = [value("IgnoreReservation", "true"), value("ignoreReservation", "false")]

    assert accepted(sender, *twice, *letter_parts()).ignore_reservation is True


@pytest.mark.parametrize("names", [["existingAttachments", "existingAttachments"], ["existingAttachments[0]"]])
def test_existing_attachments(sender: Client, names: list[str]) -> None:
    existing = [uploaded(sender) for _ in names]
    response = send(sender, *letter_parts(), *map(text, names, existing))

    assert response.json()["attachmentIds"] == existing


def test_500_recipients_and_100_files_come_in_one_form(sender: Client) -> None:
    names = [f"{number}.pdf" for number in range(100)]
    members = {"DisplayName": "A file", "IsEncrypted": "True", "ExpirationInDays": "14", "Checksum": "", "Name": "x"}
    response = send(
        sender,
        *letter_parts(*organizations(500)),
        *described(*names, **members),
        *(file(name, name.encode()) for name in names),
    )

    assert response.status_code == 200, response.content
    assert len(response.json()["correspondences"]) == 500
    assert len(response.json()["attachmentIds"]) == 100


def test_the_answer_is_that_of_json(sender: Client) -> None:
    response = send(sender, *letter_parts(PERSON))

    row = Correspondence.objects.get()
    assert response.json() == {
        "correspondences": [
            {"correspondenceId": str(row.pk), "status": "Initialized", "recipient": PERSON, "notifications": None}
        ],
        "attachmentIds": [],
    }


@pytest.mark.parametrize("key", [KEY, KEY.upper(), KEY.replace("-", ""), f"{{{KEY}}}"])
def test_one_key_is_the_same_however_it_is_written(sender: Client, key: str) -> None:
    accepted(sender, *letter_parts(request__IdempotentKey=KEY))

    assert problem(send(sender, *letter_parts(request__idempotentkey=key))) == (409, "CORR-01034")
