"""POST /attachment: who may, what of, and how it is answered (contract validation.md §5)."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from attachments.models import Attachment
from registry.models import Resource
from registry.statuses import ResourceType
from tests.clients import Client, keys, problem
from tests.files import initialized, metadata

EXAMPLE = Path(__file__).parent.parent / "contract" / "examples" / "attachment-initialize.json"


def test_the_contracts_example_is_answered_with_an_id(sender: Client) -> None:
    response = sender.post_attachment(EXAMPLE.read_bytes())

    assert response.status_code == 200
    attachment = Attachment.objects.get()
    assert UUID(response.json()) == attachment.pk
    assert (attachment.file_name, attachment.expiration_in_days) == ("situasjonsplan.pdf", 180)
    assert attachment.checksum == json.loads(EXAMPLE.read_text())["checksum"]
    assert [event.status for event in attachment.events.in_order()] == [0]


def test_names_are_read_in_any_casing_and_unknown_ones_ignored(sender: Client) -> None:
    body = {name.upper(): value for name, value in metadata(sender="whoever", visibleFrom="x").items()}

    assert sender.post_attachment(body).status_code == 200


@pytest.mark.parametrize(
    ("members", "key"),
    {
        "no reference": ({"sendersReference": " "}, "SendersReference"),
        "a checksum in upper case": ({"checksum": "9E107D9D372BB6826BD81D3542A419D6"}, "Checksum"),
        "a short checksum": ({"checksum": "9e107d"}, "Checksum"),
        "a name of 256 characters": ({"fileName": "a" * 252 + ".pdf"}, "FileName"),
        "a resource with colons": ({"resourceId": "urn:other:x"}, "ResourceId"),
        "days beyond the calendar": ({"expirationInDays": 36_501}, "ExpirationInDays"),
    }.values(),
)
def test_a_broken_rule_of_the_schema_is_told_by_its_member(sender: Client, members: Any, key: str) -> None:
    assert keys(sender.post_attachment(metadata(**members))) == {key}
    assert not Attachment.objects.exists()


def test_an_unreadable_value_is_told_by_its_path_and_the_bodys_own_name(sender: Client) -> None:
    response = sender.post_attachment(metadata(isEncrypted="yes"))

    assert keys(response) == {"$.isEncrypted", "InitializeAttachmentExt"}
    assert keys(sender.post_attachment(b"")) == {"", "InitializeAttachmentExt"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "CORR-02010"),
        ("  ", "CORR-02010"),
        ("CON", "CORR-02013"),
        ("plan", "CORR-02013"),
        ("plan.exe", "CORR-02013"),
        ("plan.pdf.", "CORR-02013"),
        ("plan.pdf ", "CORR-02013"),
        ("CON.txt", "CORR-02021"),
        ("com1.x.pdf", "CORR-02021"),
        ("a/b.txt", "CORR-02012"),
        ("../../etc/passwd.txt", "CORR-02012"),
        ("..\\x.pdf", "CORR-02012"),
        ("a:b.txt", "CORR-02012"),
        ('say "hi".txt', "CORR-02012"),
        ("tab\t.pdf", "CORR-02012"),
        ("invoice\u202efdp.txt", "CORR-02012"),
        ("\u200fplan.pdf", "CORR-02012"),
        ("plan\x85.pdf", "CORR-02012"),
        ("\u200b.txt", "CORR-02012"),
        ("plan\u2028.txt", "CORR-02012"),
        ("CON .txt", "CORR-02021"),
        ("COM¹.txt", "CORR-02021"),
    ],
)
def test_a_file_name_that_may_not_be_sent_is_told(sender: Client, name: str, code: str) -> None:
    response = sender.post_attachment(metadata(fileName=name))

    assert problem(response) == (400, code)
    assert response.json()["faults"][0]["path"] == "fileName"
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    "name", ["console.txt", "PLAN.PDF", "blåbær & ørret (1).docx", ".txt", "a.b.c.json", "日本.png"]
)
def test_a_plain_file_name_passes(sender: Client, name: str) -> None:
    attachment_id = initialized(sender, fileName=name)

    assert sender.attachment(attachment_id).json()["fileName"] == name


def test_a_name_with_nul_never_gets_past_the_schema(sender: Client) -> None:
    assert keys(sender.post_attachment(metadata(fileName="a\x00.pdf"))) == {"$.fileName", "InitializeAttachmentExt"}


@pytest.mark.parametrize("days", [13, 0, -1])
def test_a_file_that_would_expire_too_soon_is_refused(sender: Client, days: int) -> None:
    assert problem(sender.post_attachment(metadata(expirationInDays=days))) == (400, "CORR-02017")


def test_the_least_days_are_a_setting(sender: Client, settings: Any) -> None:
    settings.MIN_EXPIRATION_DAYS = 1

    assert sender.post_attachment(metadata(expirationInDays=1)).status_code == 200


def test_an_unknown_resource_is_told_before_anything_else(sender: Client) -> None:
    assert problem(sender.post_attachment(metadata(resourceId="no-such", fileName=""))) == (400, "CORR-01036")


def test_only_resources_that_hold_attachments_do(sender: Client, resource: Resource) -> None:
    resource.type = ResourceType.GENERIC_ACCESS_RESOURCE
    resource.save()
    assert sender.post_attachment(metadata(resourceId="urn:altinn:resource:fjordby-byggesak")).status_code == 200

    resource.type = ResourceType.ALTINN_APP
    resource.save()
    assert problem(sender.post_attachment(metadata())) == (400, "CORR-04009")


def test_only_an_owner_of_the_resource_may(
    sender: Client, other_sender: Client, stranger: Client, reader: Client, platform: Client
) -> None:
    assert problem(other_sender.post_attachment(metadata())) == (401, "CORR-04001")
    assert stranger.post_attachment(metadata()).status_code == 401
    assert reader.post_attachment(metadata()).status_code == 403
    assert not Attachment.objects.exists()
    assert platform.post_attachment(metadata()).status_code == 200
