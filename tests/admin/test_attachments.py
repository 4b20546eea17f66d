"""Attachments in the back-office: what people see, and who may look into a file."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client as DjangoClient

from attachments import actions as file_actions
from attachments.models import Attachment, CleaningDay
from attachments.scanners.port import Verdict
from config.audit.models import AuditEntry, Deed
from config.kernel import clock
from correspondence import actions
from correspondence.models import Correspondence, Mailing
from registry.models import Membership, ServiceOwner
from tests.admin.pages import page
from tests.clients import Client
from tests.files import CONTENT, body, initialized, stored, uploaded
from tests.letters import PERSON, letter, organizations

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
FILES = "/admin/attachments/attachment/"


@pytest.fixture
def people(admin_client: DjangoClient) -> DjangoClient:
    return admin_client


def caseworker(*permissions: str) -> DjangoClient:
    """A member of every service owner there is."""
    user = get_user_model().objects.create_user("kari", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    Membership.objects.bulk_create(Membership(user=user, owner=owner) for owner in ServiceOwner.objects.all())
    client = DjangoClient()
    client.force_login(user)
    return client


def test_the_list_shows_status_size_owner_and_resource(people: DjangoClient, sender: Client) -> None:
    uploaded(sender, fileName="blå plan.pdf")
    initialized(sender, fileName="to come.zip")

    text = page(people.get(FILES))

    for shown in ("blå plan.pdf", "43 bytes", "Published", "Initialized", "fjordby-byggesak", "Fjordby kommune", "–"):
        assert shown.replace(" bytes", "\xa0bytes") in text, shown


def test_a_page_shows_history_and_the_mailings_that_use_it(people: DjangoClient, sender: Client) -> None:
    attachment_id = uploaded(sender, sendersReference="til 01818517641")
    sender.post(letter(*organizations(3), request__existingAttachments=[attachment_id]))

    text = page(people.get(f"{FILES}{attachment_id}/change/"))

    assert "UploadProcessing" in text
    assert "no malware scanner is configured" in text
    assert f"/admin/correspondence/mailing/{Mailing.objects.get().pk}/change/" in text
    assert "01818517641" not in text


def test_a_mailings_page_shows_its_files_in_order(people: DjangoClient, sender: Client) -> None:
    ids = [uploaded(sender, fileName=name) for name in ("first.pdf", "second.pdf")]
    sender.post(letter(request__existingAttachments=ids[::-1]))

    text = page(people.get(f"/admin/correspondence/mailing/{Mailing.objects.get().pk}/change/"))

    assert 0 < text.index("second.pdf") < text.index("first.pdf")
    assert f"{FILES}{ids[0]}/change/" in text


def test_a_page_costs_the_same_for_any_number_of_mailings(
    people: DjangoClient, sender: Client, django_assert_max_num_queries: Any
) -> None:
    attachment_id = uploaded(sender)
    for _ in range(105):
        sender.post(letter(request__existingAttachments=[attachment_id]))

    with django_assert_max_num_queries(9):
        text = page(people.get(f"{FILES}{attachment_id}/change/"))
    assert text.count("/admin/correspondence/mailing/") == 100 + text.count('"/admin/correspondence/mailing/"')


def test_it_is_found_by_its_id(people: DjangoClient, sender: Client) -> None:
    first, second = uploaded(sender, fileName="a.pdf"), uploaded(sender, fileName="b.pdf")

    text = page(people.get(FILES, {"q": first.upper()}))

    assert "a.pdf" in text
    assert "b.pdf" not in text
    assert second not in text
    assert "No attachments match." in page(people.get(FILES, {"q": "nonsense"}))


def test_a_letter_that_waits_for_a_scan_says_so(people: DjangoClient, sender: Client, settings: Any) -> None:
    attachment_id = uploaded(sender, fileName="waiting.pdf")
    sender.post(letter(request__existingAttachments=[attachment_id]))
    Attachment.objects.update(status=1, last_error="ScannerUnavailable: refused")
    actions.queue_mailing(mailing_id=Mailing.objects.get().pk, now=clock.now())

    letter_page = page(people.get(f"/admin/correspondence/correspondence/{Correspondence.objects.get().pk}/change/"))
    file_page = page(people.get(f"{FILES}{attachment_id}/change/"))

    assert "Waits for files that are not published yet: waiting.pdf." in letter_page
    assert "ScannerUnavailable: refused" in file_page


def test_a_letter_that_failed_by_its_file_says_which(people: DjangoClient, sender: Client, settings: Any) -> None:
    attachment_id = uploaded(sender, fileName="bad.pdf")
    sender.post(letter(request__existingAttachments=[attachment_id]))
    Attachment.objects.update(status=1)
    infected = Verdict(clean=False, text="Malware found: Eicar")
    file_actions.settle(attachment_id=UUID(attachment_id), verdict=infected, now=clock.now())

    text = page(people.get(f"/admin/correspondence/correspondence/{Correspondence.objects.get().pk}/change/"))

    assert "The attachment bad.pdf cannot be sent: Malware found: Eicar." in text


def test_nobody_edits_adds_or_deletes_one(people: DjangoClient, sender: Client) -> None:
    attachment_id = uploaded(sender)

    assert people.get(f"{FILES}add/").status_code == 403
    assert people.post(f"{FILES}{attachment_id}/delete/").status_code == 403
    assert people.post(f"{FILES}{attachment_id}/change/", {"status": 3}).status_code == 403


def test_a_download_needs_its_own_permission_and_is_noted(sender: Client) -> None:
    attachment_id = uploaded(sender, fileName="plan.pdf")
    address = f"{FILES}{attachment_id}/download/"
    without = caseworker("view_attachment", "view_every_owner")
    assert without.get(address).status_code == 403
    assert "/download/" not in page(without.get(f"{FILES}{attachment_id}/change/"))
    assert not AuditEntry.objects.exists()
    get_user_model().objects.all().delete()

    allowed = caseworker("view_attachment", "download_attachment", "view_every_owner")
    assert address in page(allowed.get(f"{FILES}{attachment_id}/change/"))
    response = allowed.get(address)

    assert body(response) == CONTENT
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == "attachment; filename=\"plan.pdf\"; filename*=UTF-8''plan.pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    [entry] = AuditEntry.objects.all()
    assert (entry.target_type, entry.target_id) == ("attachments.attachment", attachment_id)
    assert (entry.deed, entry.by, entry.owner) == (Deed.DOWNLOADED, "kari", "312295202")


def test_the_permission_to_download_alone_opens_nothing(sender: Client) -> None:
    assert caseworker("download_attachment").get(f"{FILES}{uploaded(sender)}/download/").status_code == 403


def test_strangers_are_sent_to_the_login(sender: Client) -> None:
    address = f"{FILES}{uploaded(sender)}/download/"

    assert DjangoClient().get(address)["Location"].startswith("/admin/login/")


def test_what_can_not_be_downloaded_is_said_and_not_noted(
    people: DjangoClient, sender: Client, attachments_folder: Path
) -> None:
    waiting, lost = initialized(sender), uploaded(sender)
    for file in stored(attachments_folder):
        file.unlink()

    assert people.get(f"{FILES}{waiting}/download/").status_code == 404
    assert people.get(f"{FILES}{lost}/download/").status_code == 502
    assert people.get(f"{FILES}{uuid4()}/download/").status_code == 404
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "lookup",
    [
        f"{FILES}?file_name__startswith=0",
        f"{FILES}?senders_reference__contains=0",
        "/admin/correspondence/correspondence/?recipient__startswith=urn:altinn:person:identifier-no:0",
        "/admin/correspondence/mailing/?body__contains=0",
        "/admin/recipients/party/?urn__startswith=urn:altinn:person:identifier-no:0",
    ],
)
def test_what_is_masked_can_not_be_asked_for_letter_by_letter(people: DjangoClient, lookup: str) -> None:
    assert people.get(lookup).status_code == 400


@pytest.mark.parametrize("lookup", ["status__exact=2", "resource__id__exact=x", "created_from=2026-11-01"])
def test_what_is_offered_as_a_filter_can(people: DjangoClient, lookup: str) -> None:
    assert people.get(f"{FILES}?{lookup}").status_code == 200


@pytest.mark.parametrize("method", ["head", "options", "post"])
def test_only_a_get_brings_bytes_and_is_noted(people: DjangoClient, sender: Client, method: str) -> None:
    response = getattr(people, method)(f"{FILES}{uploaded(sender)}/download/")

    assert (response.status_code, response.content) == (405, b"")
    assert not AuditEntry.objects.exists()


def test_the_counts_of_the_cleaning_are_shown(people: DjangoClient) -> None:
    CleaningDay.objects.create(day="2031-05-17", orphans_removed=1234)

    text = page(people.get("/admin/attachments/cleaningday/"))

    assert "17 May 2031" in text
    assert "1234" in text
    assert PERSON not in text
