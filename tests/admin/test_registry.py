"""The registry in the back-office: checked at the field, told to the audit log, and kept where letters hang on it."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client as DjangoClient
from django.test.utils import CaptureQueriesContext

from config.audit.models import AuditEntry, Deed
from config.kernel import clock, referring
from recipients.actions import register_party
from recipients.models import Party
from registry.models import Delegation, Resource, ServiceOwner
from registry.statuses import Right
from tests.admin.pages import page
from tests.clients import Client
from tests.letters import letter
from tests.registry.delegations import given

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
OWNERS, RESOURCES, RIGHTS = "/admin/registry/serviceowner/", "/admin/registry/resource/", "/admin/registry/delegation/"
PARTIES = "/admin/recipients/party/"
KARI = "01818517641"
DIGIT = "check digit does not fit"


@pytest.fixture
def people(admin_client: DjangoClient) -> DjangoClient:
    return admin_client


def fields(resource: Resource, **changes: Any) -> dict[str, Any]:
    form = {"owner": resource.owner_id, "type": resource.type, "title": "", "minimum_authentication_level": 0}
    return {**form, **changes}


def told(target: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """By entry about the row, oldest first: what, who, and what of it changed."""
    entries = AuditEntry.objects.filter(target_type=target._meta.label_lower, target_id=str(target.pk)).order_by("pk")
    return [(entry.deed, entry.by, entry.details["changes"]) for entry in entries]


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("312295203", "The check digit, the last one, does not fit the others."),
        ("31229520", "Nine digits."),
        ("31229520x", "Nine digits."),
        ("", "This field is required."),
    ],
)
def test_an_owners_number_is_checked(people: DjangoClient, number: str, why: str) -> None:
    assert why in page(people.post(f"{OWNERS}add/", {"organization_number": number, "name": "x"}))
    assert not ServiceOwner.objects.exists()


def test_a_partys_number_is_checked(people: DjangoClient) -> None:
    assert DIGIT in page(people.post(f"{PARTIES}add/", {"urn": "0192:314762291"}))
    assert not Party.objects.exists()


@pytest.mark.parametrize("side", ["from_party", "to_party"])
def test_the_numbers_of_a_right_are_checked(people: DjangoClient, side: str) -> None:
    form = {"from_party": "312295202", "to_party": "991825827", "right": "read", side: "314762291"}

    assert DIGIT in page(people.post(f"{RIGHTS}add/", form))
    assert not Delegation.objects.exists()


def test_what_older_rules_have_let_in_stays_editable(people: DjangoClient) -> None:
    wrong = "urn:altinn:organization:identifier-no:314762291"
    party = Party.objects.create(urn=wrong, name="BERG")
    owner = ServiceOwner.objects.create(organization_number="312295203", name="Feil")
    right = Delegation.objects.create(from_party=wrong, to_party=wrong[:-1] + "2", right="read", created_at=clock.now())

    assert people.post(f"{PARTIES}{party.pk}/change/", {"name": "DAL"}).status_code == 302
    assert people.post(f"{OWNERS}{owner.pk}/change/", {"name": "Rett"}).status_code == 302
    assert people.post(f"{RIGHTS}{right.pk}/delete/", {"post": "yes"}).status_code == 302

    assert (Party.objects.get().name, ServiceOwner.objects.get().name) == ("DAL", "Rett")
    assert not Delegation.objects.exists()


# --- the audit log ---------------------------------------------------------------------------------------------------


def test_an_owner_is_told_of_when_made_changed_and_ended(people: DjangoClient) -> None:
    people.post(f"{OWNERS}add/", {"organization_number": "312295202", "name": "Fjordby", "code": "fjordby"})
    owner = ServiceOwner.objects.get()
    people.post(f"{OWNERS}{owner.pk}/change/", {"name": "Fjordby kommune", "code": ""})
    people.post(f"{OWNERS}{owner.pk}/delete/", {"post": "yes"})

    assert told(owner) == [
        (
            Deed.ADDED,
            "admin",
            {"organization_number": [None, "312295202"], "code": [None, "fjordby"], "name": [None, "Fjordby"]},
        ),
        (Deed.CHANGED, "admin", {"code": ["fjordby", None], "name": ["Fjordby", "Fjordby kommune"]}),
        (Deed.DELETED, "admin", {"organization_number": ["312295202", None], "name": ["Fjordby kommune", None]}),
    ]
    assert set(AuditEntry.objects.filter(target_id=owner.pk).values_list("owner", flat=True)) == {"312295202"}


def test_a_resource_is_told_of_field_by_field(people: DjangoClient, resource: Resource) -> None:
    people.post(f"{RESOURCES}{resource.pk}/change/", fields(resource, title="Byggesak", is_confidential="on"))
    people.post(f"{RESOURCES}{resource.pk}/change/", fields(resource, title="Byggesak", history_days="30"))

    assert told(resource) == [
        (Deed.CHANGED, "admin", {"is_confidential": [False, True]}),
        (Deed.CHANGED, "admin", {"is_confidential": [True, False], "history_days": [None, 30]}),
    ]


def test_a_resource_that_moves_is_told_to_the_owner_that_loses_it(
    people: DjangoClient, resource: Resource, other_resource: Resource
) -> None:
    people.post(f"{RESOURCES}{resource.pk}/change/", fields(resource, title="Byggesak", owner=other_resource.owner_id))

    [entry] = AuditEntry.objects.filter(target_id=resource.pk)
    assert entry.owner == "312295202"
    assert entry.details["changes"] == {"owner": ["Fjordby kommune (312295202)", "Dalen kommune (310635820)"]}


def test_what_changes_nothing_is_not_told(people: DjangoClient, resource: Resource) -> None:
    people.post(f"{RESOURCES}{resource.pk}/change/", fields(resource, title="Byggesak"))

    assert not AuditEntry.objects.filter(target_id=resource.pk).exists()


def test_a_right_is_told_of_without_saying_which_person(people: DjangoClient, resource: Resource) -> None:
    people.post(f"{RIGHTS}add/", {"from_party": "312295202", "to_party": KARI, "right": "read", "resource": ""})
    right = Delegation.objects.get()
    people.post(f"{RIGHTS}{right.pk}/delete/", {"post": "yes"})

    added, deleted = told(right)
    giver = "urn:altinn:organization:identifier-no:312295202"
    assert added[2] == {"from_party": [None, giver], "to_party": [None, "a person"], "right": [None, "read"]}
    assert deleted[:2] == (Deed.DELETED, "admin")
    assert {entry.owner for entry in AuditEntry.objects.filter(target_id=right.pk)} == {"312295202"}


def test_of_a_person_the_log_keeps_no_more_than_tells_one_value_from_another(people: DjangoClient) -> None:
    form = {"urn": KARI, "name": "KARI NORDMANN", "email": "kari@example.com", "mobile": "22000017"}
    people.post(f"{PARTIES}add/", form)
    party = Party.objects.get()
    people.post(f"{PARTIES}{party.pk}/change/", {**form, "name": "KARI BERG"})
    people.post(f"{PARTIES}{party.pk}/delete/", {"post": "yes"})

    kept = str(list(AuditEntry.objects.values()))
    assert not [word for word in (KARI, "NORDMANN", "BERG", "kari@", "220000") if word in kept]
    added, changed, deleted = told(party)
    assert added[2]["email"] == [None, "k***@example.com"]
    assert changed[2] == {"name": ["K*** N***", "K*** B***"]}
    assert deleted[2]["mobile"] == ["***17", None]


@pytest.mark.parametrize(
    ("command", "model"),
    [
        (["register_resource", "ny", "--owner", "991825827", "--title", "Ny"], Resource),
        (["register_resource", "ny", "--owner", "991825827"], ServiceOwner),
        (["delegate", "--from", "991825827", "--to", KARI, "--right", "read"], Delegation),
    ],
)
def test_commands_are_told_of_too(db: Any, command: list[str], model: Any) -> None:
    call_command(*command)

    [(deed, by, _)] = told(model.objects.get())
    assert (deed, by) == (Deed.ADDED, "command")


def test_who_is_erased_leaves_no_more_than_that_something_went(db: Any) -> None:
    party = register_party(recipient=KARI, name="KARI NORDMANN", now=clock.now())
    call_command("person", "erase", KARI, "--yes")

    entry = AuditEntry.objects.get(deed=Deed.DELETED)
    assert (entry.by, entry.target_id, entry.details) == ("command", str(party.pk), {})


# --- history ---------------------------------------------------------------------------------------------------------


def test_a_rows_history_says_who_changed_what_from_what_to_what(people: DjangoClient, resource: Resource) -> None:
    call_command("register_resource", resource.pk, "--owner", "312295202", "--title", "Plan")
    people.post(f"{RESOURCES}{resource.pk}/change/", fields(resource, title="Plan og bygg", is_confidential="on"))

    text = page(people.get(f"{RESOURCES}{resource.pk}/history/"))

    assert [
        word for word in ("an operator, by command", "admin", "Title:", "Is confidential:") if word not in text
    ] == []
    assert "<del>Plan</del>" in text
    assert "<ins>Plan og bygg</ins>" in text
    assert text.index("Plan og bygg</ins>") < text.index("<del>Byggesak</del>"), "the newest first"


def test_a_row_without_history_says_so(people: DjangoClient, resource: Resource) -> None:
    assert "Nothing is known of changes" in page(people.get(f"{RESOURCES}{resource.pk}/history/"))


def test_a_history_costs_the_same_for_any_number_of_changes(people: DjangoClient, resource: Resource) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(people.get(f"{RESOURCES}{resource.pk}/history/"))
        return len(queries)

    few = statements()
    for number in range(20):
        call_command("register_resource", resource.pk, "--owner", "312295202", "--title", str(number))

    assert statements() == few


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_what_has_letters_says_why_it_stays(people: DjangoClient, sender: Client, resource: Resource) -> None:
    assert sender.post(letter()).status_code == 200

    for path, row in ((OWNERS, resource.owner), (RESOURCES, resource)):
        for answer in (people.get(f"{path}{row.pk}/delete/"), people.post(f"{path}{row.pk}/delete/", {"post": "yes"})):
            text = page(answer)
            assert "because others refer to it and are kept" in text
            assert "<li>Mailings: 1</li>" in text
    assert Resource.objects.count() == ServiceOwner.objects.count() == 1
    assert not AuditEntry.objects.filter(deed=Deed.DELETED).exists()


def test_very_many_letters_are_not_counted(
    people: DjangoClient, sender: Client, resource: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(referring, "MOST_COUNTED", 2)
    for number in range(4):
        assert sender.post(letter(sendersReference=str(number))).status_code == 200

    assert "<li>Mailings: 2 or more</li>" in page(people.get(f"{RESOURCES}{resource.pk}/delete/"))


def test_among_several_one_that_stays_keeps_all(people: DjangoClient, sender: Client, resource: Resource) -> None:
    assert sender.post(letter()).status_code == 200
    free = Resource.objects.create(id="fri", owner=resource.owner)

    text = page(
        people.post(RESOURCES, {"action": "delete_selected", "_selected_action": [resource.pk, free.pk], "post": "yes"})
    )

    assert "fjordby-byggesak – Mailings: 1" in text
    assert Resource.objects.count() == 2


def test_a_resource_with_rights_to_it_says_so(people: DjangoClient, resource: Resource) -> None:
    given(Right.WRITE, to="991825827", on=resource)

    assert "<li>Delegations: 1</li>" in page(people.get(f"{RESOURCES}{resource.pk}/delete/"))


def test_what_nothing_refers_to_is_deleted(people: DjangoClient, resource: Resource) -> None:
    assert people.post(f"{RESOURCES}{resource.pk}/delete/", {"post": "yes"}).status_code == 302
    assert people.post(f"{OWNERS}{resource.owner_id}/delete/", {"post": "yes"}).status_code == 302

    assert not ServiceOwner.objects.exists()


# --- lists -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [OWNERS, RESOURCES, RIGHTS, PARTIES])
def test_an_empty_list_says_so(people: DjangoClient, path: str) -> None:
    assert "Nothing is registered yet." in page(people.get(path))


@pytest.mark.parametrize("path", [OWNERS, RESOURCES])
def test_lists_cost_the_same_for_any_number_of_rows(people: DjangoClient, resource: Resource, path: str) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(people.get(path))
        return len(queries)

    few = statements()
    for number in range(20):
        owner = ServiceOwner.objects.create(organization_number=str(100_000_000 + number), name="x")
        Resource.objects.create(id=f"r{number}", owner=owner)

    assert statements() == few
