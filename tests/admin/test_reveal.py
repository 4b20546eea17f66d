"""A recipient's number is shown to those who may see it, when they ask for it, and never unseen."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client as DjangoClient

from config.audit.models import AuditEntry, Deed
from correspondence.models import Correspondence
from registry.models import ServiceOwner
from tests.admin.pages import page
from tests.admin.test_letter_page import address, caseworker
from tests.clients import Client
from tests.letters import PERSON, letter
from tests.mail import sent

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
NUMBER = PERSON.rpartition(":")[2]
MAY = ("view_correspondence", "reveal_recipient")


def form(letter_id: object) -> str:
    return f"/admin/correspondence/correspondence/{letter_id}/reveal/"


@pytest.fixture
def letter_id(sender: Client) -> str:
    [made] = sent(sender, letter(PERSON))
    return made


def test_it_is_shown_once_and_noted_under_the_users_name(letter_id: str, owner: ServiceOwner) -> None:
    kari = caseworker(*MAY, of=owner)

    answer = kari.post(form(letter_id), headers={"Accept": "application/json"})

    assert answer.json() == {"number": NUMBER}
    assert "no-store" in answer["Cache-Control"]
    [entry] = AuditEntry.objects.all()
    assert (entry.by, entry.deed, entry.target_type, entry.target_id, entry.owner) == (
        "kari",
        Deed.REVEALED,
        "correspondence.correspondence",
        letter_id,
        owner.organization_number,
    )
    assert NUMBER not in str(AuditEntry.objects.values())
    assert NUMBER not in page(kari.get(address(letter_id)))


def test_without_a_script_it_stands_on_a_page_that_goes_back_by_itself(letter_id: str, owner: ServiceOwner) -> None:
    answer = caseworker(*MAY, of=owner).post(form(letter_id))

    assert NUMBER in page(answer)
    assert "no-store" in answer["Cache-Control"]
    assert answer["Refresh"] == f"60; url={address(letter_id)}"
    assert AuditEntry.objects.count() == 1


def test_each_look_is_noted(letter_id: str, owner: ServiceOwner) -> None:
    kari = caseworker(*MAY, of=owner)
    for _ in range(3):
        kari.post(form(letter_id))

    assert AuditEntry.objects.filter(deed=Deed.REVEALED).count() == 3


def test_what_cannot_be_noted_is_not_shown(letter_id: str, owner: ServiceOwner) -> None:
    kari = caseworker(*MAY, of=owner)
    kari.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry ADD CONSTRAINT takes_no_more CHECK (false)")

    answer = kari.post(form(letter_id))

    assert answer.status_code == 500
    assert NUMBER not in answer.content.decode()


@pytest.mark.parametrize(
    ("permissions", "status"),
    [
        ((), 403),
        (("view_correspondence",), 403),
        (("reveal_recipient",), 403),
        (("change_correspondence", "view_party", "view_auditentry"), 403),
        (MAY, 200),
    ],
)
def test_it_takes_a_permission_of_its_own(
    letter_id: str, owner: ServiceOwner, permissions: tuple[str, ...], status: int
) -> None:
    kari = caseworker(*permissions, of=owner)

    assert kari.post(form(letter_id)).status_code == status
    assert AuditEntry.objects.count() == (status == 200)


def test_who_may_not_is_offered_no_button(letter_id: str, owner: ServiceOwner) -> None:
    looker, shower = caseworker("view_correspondence", of=owner), caseworker(*MAY, of=owner, name="ola")

    assert form(letter_id) not in page(looker.get(address(letter_id)))
    assert form(letter_id) in page(shower.get(address(letter_id)))


def test_another_owners_is_answered_like_one_that_is_not_there(letter_id: str, other_resource: Any) -> None:
    kari = caseworker(*MAY, of=other_resource.owner)

    assert kari.post(form(letter_id)).status_code == kari.post(form(uuid4())).status_code == 404
    assert not AuditEntry.objects.exists()


def test_no_address_shows_it(letter_id: str, owner: ServiceOwner) -> None:
    kari = caseworker(*MAY, of=owner)

    for method in (kari.get, kari.head, kari.options, kari.put):
        assert method(form(letter_id)).status_code == 405
    assert not AuditEntry.objects.exists()


def test_no_other_page_can_make_a_browser_ask(letter_id: str, owner: ServiceOwner) -> None:
    inside = caseworker(*MAY, of=owner)
    kari = DjangoClient(enforce_csrf_checks=True)
    kari.cookies = inside.cookies

    assert kari.post(form(letter_id)).status_code == 403
    assert not AuditEntry.objects.exists()


def test_strangers_are_sent_to_the_login(letter_id: str) -> None:
    assert DjangoClient().post(form(letter_id))["Location"].startswith("/admin/login/")
    assert not AuditEntry.objects.exists()


def test_the_number_is_in_no_log(letter_id: str, owner: ServiceOwner, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    caseworker(*MAY, of=owner).post(form(letter_id))

    assert "recipient_revealed" in caplog.text
    assert NUMBER not in caplog.text
    assert Correspondence.objects.get().recipient == PERSON
