"""POST /correspondence/upload: what a rule or the schema refuses leaves no row and no bytes."""

from pathlib import Path
from typing import Any

import pytest

from attachments.models import Attachment
from correspondence.models import Mailing
from tests.clients import Client, keys, problem
from tests.files import CONTENT, stored, uploaded
from tests.forms import (
    assert_nothing_stayed,
    described,
    file,
    letter_parts,
    part,
    send,
    text,
    with_files,
)
from tests.letters import ORGANIZATION, organizations

NAMED = b'Content-Disposition: form-data; name="attachments"; filename="'

# --- By the rules: files have come in by then ---

RULES: dict[str, tuple[list[bytes], str]] = {
    "an empty file": ([*letter_parts(), *described("a.pdf"), file("a.pdf", b"")], "02004"),
    "an empty file among others": (
        [*with_files("a.pdf"), *described("a.pdf", "b.pdf"), file("b.pdf", b"")],
        "02004",
    ),
    "another checksum": ([*letter_parts(), *described("plan.pdf", Checksum="0" * 32), file()], "02008"),
    "a type that is not sent": (with_files("a.exe"), "02013"),
    "a path up": (with_files("../../x.pdf"), "02012"),
    "a path from the root": (with_files("/etc/x.pdf"), "02012"),
    "a path of Windows": (with_files(r"..\x.pdf"), "02012"),
    "a name for a device": (with_files("NUL.pdf"), "02021"),
    "names are told before pairs": ([*letter_parts(), *described("a.exe"), file("b.pdf")], "02013"),
    "pairs are told before sizes": ([*letter_parts(), *described("a.pdf"), file("b.pdf", b"")], "01005"),
    "sizes are told before days": (
        [*letter_parts(), *described("a.pdf", ExpirationInDays="1"), file("a.pdf", b"")],
        "02004",
    ),
    "too few days": ([*letter_parts(), *described("plan.pdf", ExpirationInDays="13"), file()], "02017"),
    "ten million bytes and one to forward": (
        [*letter_parts(AllowForwarding="true"), *described("plan.pdf"), file(content=b"x" * 10_000_001)],
        "01069",
    ),
    "a recipient twice": ([*with_files("a.pdf"), text("Recipients[1]", ORGANIZATION)], "01006"),
    "a title that is none": (with_files("a.pdf", content__MessageTitle="# no"), "01002"),
    "an unknown resource": (with_files("a.pdf", ResourceId="nowhere"), "01036"),
    "a reply link, behind all files' rules": (
        [*with_files("a.pdf"), text("Correspondence.ReplyOptions[0].LinkURL", "http://a.no")],
        "01035",
    ),
    "101 entries": ([*letter_parts(), *described(*["a.pdf"] * 101)], "01038"),
    "101 files": (with_files(*[f"{number}.pdf" for number in range(101)]), "01038"),
    "101 files and no letter": ([file()] * 101, "01038"),
}


@pytest.mark.parametrize(("parts", "code"), RULES.values(), ids=RULES.keys())
def test_a_rule_that_refuses_leaves_nothing(
    sender: Client, attachments_folder: Path, parts: list[bytes], code: str
) -> None:
    assert problem(send(sender, *parts)) == (400, f"CORR-{code}")
    assert_nothing_stayed(attachments_folder)


def test_the_file_that_is_at_fault_is_named(sender: Client) -> None:
    entries = [*described("a.pdf", "b.pdf"), text("Correspondence.Content.Attachments[1].Checksum", "0" * 32)]

    response = send(sender, *letter_parts(), *entries, file("b.pdf"), file("a.pdf"))

    assert [fault["path"] for fault in response.json()["faults"]] == ["correspondence.content.attachments[1].checksum"]
    assert "b.pdf" in response.json()["detail"]


def test_ten_million_bytes_may_be_forwarded(sender: Client) -> None:
    parts = [*letter_parts(AllowForwarding="true"), *described("plan.pdf"), file(content=b"x" * 10_000_000)]

    assert send(sender, *parts).status_code == 200


def test_forwarding_counts_existing_and_new_files(sender: Client) -> None:
    existing = uploaded(sender)
    Attachment.objects.update(size=10_000_000)
    members = letter_parts(AllowForwarding="true", request__ExistingAttachments=existing)

    assert problem(send(sender, *members, *described("plan.pdf"), file())) == (400, "CORR-01069")
    assert not Mailing.objects.exists()


def test_a_hundred_in_all_and_not_one_more(sender: Client, attachments_folder: Path) -> None:
    existing = letter_parts(request__ExistingAttachments=uploaded(sender))
    names = [f"{number}.pdf" for number in range(100)]

    response = send(sender, *existing, *described(*names), *map(file, names))
    assert problem(response) == (400, "CORR-01038")
    assert (Mailing.objects.count(), Attachment.objects.count(), len(stored(attachments_folder))) == (0, 1, 1)

    assert send(sender, *existing, *described(*names[1:]), *map(file, names[1:])).status_code == 200


def test_a_file_over_the_limit_is_named_and_ends_the_form(
    sender: Client, settings: Any, attachments_folder: Path
) -> None:
    settings.MAX_FORM_FILE_BYTES = len(CONTENT)
    parts = [*letter_parts(), *described("a.pdf", "b.pdf"), file("a.pdf")]

    response = send(sender, *parts, file("b.pdf", CONTENT + b"x"))

    assert problem(response) == (400, "CORR-02004")
    assert response.json()["faults"][0]["path"] == "attachments[1]"
    assert "b.pdf is larger" in response.json()["detail"]
    assert_nothing_stayed(attachments_folder)
    assert send(sender, *parts, file("b.pdf")).status_code == 200


# --- By the schema ---

FAULTS: dict[str, tuple[list[bytes], set[str]]] = {
    "nothing but a file": ([file()], {"Correspondence", "Recipients"}),
    "several at once": (
        [
            *with_files("a.pdf", DueDateTime="soon", IsConfidential="maybe", SendersReference=" "),
            text("Correspondence.Content.Attachments[0].Checksum", "x"),
            text("ExistingAttachments", "x"),
        ],
        {
            "Correspondence.DueDateTime",
            "Correspondence.IsConfidential",
            "Correspondence.SendersReference",
            "Correspondence.Content.Attachments[0].Checksum",
            "ExistingAttachments[0]",
        },
    ),
    "an enum without a name": (
        [*with_files("a.pdf"), text("Correspondence.Content.Attachments[0].DataLocationType", "77")],
        {"Correspondence.Content.Attachments[0].DataLocationType"},
    ),
    "501 recipients": ([*with_files("a.pdf"), *letter_parts(*organizations(501))[5:]], {"Recipients"}),
    "an entry without a reference": (
        [*letter_parts(), text("Correspondence.Content.Attachments[0].FileName", "a.pdf"), file("a.pdf")],
        {"Correspondence.Content.Attachments[0].SendersReference"},
    ),
    "an entry whose file name is blank": (
        [*letter_parts(), *described("plan.pdf", FileName=" "), file()],
        {"Correspondence.Content.Attachments[0].FileName"},
    ),
    "a file name of 256 characters": (
        with_files("x" * 252 + ".pdf"),
        {"Correspondence.Content.Attachments[0].FileName"},
    ),
    "eleven properties": (
        [*with_files("a.pdf"), *(text(f"Correspondence.PropertyList.{number}", "x") for number in range(11))],
        {"Correspondence.PropertyList"},
    ),
    "a value that is not UTF-8": (
        [file(), text("Correspondence.MessageSender", b"\xf8")],
        {"Correspondence.MessageSender"},
    ),
    "a value with NUL": ([file(), text("Correspondence.MessageSender", b"a\x00")], {"Correspondence.MessageSender"}),
    "a file name that is not UTF-8": (
        [*with_files("a.pdf"), part(NAMED + b'\xf8.pdf"', content="x")],
        {"", "request"},
    ),
    "a file name with NUL": ([*with_files("a.pdf"), part(NAMED + b'a\x00.pdf"', content="x")], {"", "request"}),
    "a file name with a coded NUL": (
        [*with_files("a.pdf"), part(NAMED + b"a\"; filename*=utf-8''%00.pdf", content="x")],
        {"", "request"},
    ),
    "a file name in broken base64": (
        [*with_files("a.pdf"), part(NAMED + b'=?utf-8?B?w6k?="', content="x")],
        {"", "request"},
    ),
    "base64 as transfer encoding": (
        [*with_files("a.pdf"), part(NAMED + b'b.pdf"', "Content-Transfer-Encoding: base64", content="eA==")],
        {"", "request"},
    ),
}


@pytest.mark.parametrize(("parts", "faults"), FAULTS.values(), ids=FAULTS.keys())
def test_a_broken_schema_leaves_nothing(
    sender: Client, attachments_folder: Path, parts: list[bytes], faults: set[str]
) -> None:
    assert keys(send(sender, *parts)) == faults
    assert_nothing_stayed(attachments_folder)


JSON_PARTS = {
    "as Spring": ('name="correspondence"', "application/json", "Correspondence"),
    "with a charset": ('name="Correspondence"', "application/json; charset=utf-8", "Correspondence"),
    "as a browser's blob": ('name="correspondence"; filename="blob"', "application/json", "Correspondence"),
    "all in one": ('name="request"; filename="request.json"', "APPLICATION/JSON", "Request"),
}


@pytest.mark.parametrize(("name", "type", "key"), JSON_PARTS.values(), ids=JSON_PARTS.keys())
def test_a_letter_in_json_is_refused_with_advice(
    sender: Client, attachments_folder: Path, name: str, type: str, key: str
) -> None:
    headers = [f"Content-Disposition: form-data; {name}", f"Content-Type: {type}"]

    response = send(sender, file(), part(*headers, content='{"resourceId": "fjordby-byggesak"}'))

    assert keys(response) == {key}
    assert "write each member as a form value of its own" in response.json()["errors"][key][0]
    assert_nothing_stayed(attachments_folder)
