"""Rights that were given away, in the back-office: given, found, withdrawn, never edited."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client as DjangoClient
from django.test.utils import CaptureQueriesContext

from registry.models import Delegation, Resource
from registry.statuses import Right
from tests.admin.pages import page
from tests.recipients.importing import organization
from tests.registry.delegations import AGENCY, given

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
PATH = "/admin/registry/delegation/"
COMPANY = "urn:altinn:organization:identifier-no:314762290"
KARI = "urn:altinn:person:identifier-no:01818517641"
PERSON_NUMBER = "01818517641"
FORM = {"from_party": "0192:314762290", "to_party": PERSON_NUMBER, "right": "read", "resource": ""}


@pytest.fixture
def people(admin_client: DjangoClient) -> DjangoClient:
    return admin_client


def clerk(*permissions: str) -> DjangoClient:
    user = get_user_model().objects.create_user("kari", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=[*permissions, "view_every_owner"]))
    client = DjangoClient()
    client.force_login(user)
    return client


@pytest.mark.parametrize("resource_id", ["", "fjordby-byggesak"])
def test_a_right_is_given_in_any_form_and_kept_as_urns(
    people: DjangoClient, resource: Resource, resource_id: str
) -> None:
    assert people.post(f"{PATH}add/", {**FORM, "resource": resource_id}).status_code == 302

    row = Delegation.objects.get()
    assert (row.from_party, row.to_party, row.right) == (COMPANY, KARI, Right.READ)
    assert (row.resource_id or "", row.created_by) == (resource_id, "admin")
    assert LogEntry.objects.get().object_id == str(row.pk)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"to_party": "01818517642"}, "check digits"),
        ({"from_party": ""}, "This field is required."),
        ({"to_party": "314762290"}, "A party has every right that it could give to itself."),
        ({"right": "write"}, "Only an organisation sends, and only for another one."),
        ({"right": ""}, "This field is required."),
        ({"resource": "nowhere"}, "Select a valid choice."),
    ],
)
def test_what_makes_no_sense_is_not_given(people: DjangoClient, change: dict[str, str], told: str) -> None:
    assert told in page(people.post(f"{PATH}add/", {**FORM, **change}))
    assert not Delegation.objects.exists()


def test_a_right_is_not_given_twice(people: DjangoClient) -> None:
    people.post(f"{PATH}add/", FORM)

    assert "This right is given already." in page(people.post(f"{PATH}add/", {**FORM, "from_party": COMPANY}))
    assert Delegation.objects.count() == 1


@pytest.mark.parametrize("path", [PATH, f"{PATH}{{row}}/change/", f"{PATH}{{row}}/delete/", f"{PATH}{{row}}/history/"])
def test_person_numbers_are_masked(people: DjangoClient, path: str) -> None:
    people.post(f"{PATH}add/", FORM)
    text = page(people.get(path.format(row=Delegation.objects.get().pk), follow=True))

    assert PERSON_NUMBER not in text
    assert "***********" in text
    assert PERSON_NUMBER not in page(people.get("/admin/")), "the list of recent actions"


def test_person_numbers_are_masked_where_several_are_withdrawn(people: DjangoClient) -> None:
    row = given(Right.READ, by=COMPANY, to=KARI)

    text = page(people.post(PATH, {"action": "delete_selected", "_selected_action": [row.pk]}))

    assert PERSON_NUMBER not in text
    assert "to urn:altinn:person:identifier-no:***********" in text


def test_a_right_is_withdrawn_alone_or_with_others(people: DjangoClient, resource: Resource) -> None:
    rows = [
        given(Right.READ, by=COMPANY, to=KARI),
        given(Right.READ, by=COMPANY, to=KARI, on=resource),
        given(Right.WRITE, to=AGENCY),
        given(Right.WRITE, to=AGENCY, on=resource),
    ]

    people.post(f"{PATH}{rows[0].pk}/delete/", {"post": "yes"})
    assert list(Delegation.objects.all()) == rows[1:]
    chosen = [row.pk for row in rows[1:3]]
    people.post(PATH, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})

    assert list(Delegation.objects.all()) == rows[3:]
    assert LogEntry.objects.count() == 3


def test_a_right_is_never_edited(people: DjangoClient) -> None:
    row = given(Right.READ, by=COMPANY, to=KARI)

    assert people.post(f"{PATH}{row.pk}/change/", {**FORM, "right": "write"}).status_code == 403
    assert Delegation.objects.get().right == Right.READ


@pytest.mark.parametrize(
    ("term", "found"),
    [
        (PERSON_NUMBER, [1]),
        (KARI, [1]),
        ("314762290", [1]),
        ("0192:314762290", [1]),
        (" 991825827 ", [0]),
        ("312295202", [0]),
        ("310635820", []),
        ("314", []),
        ("urn:altinn", []),
        ("", [0, 1]),
    ],
)
def test_a_right_is_found_by_either_party(
    people: DjangoClient, resource: Resource, term: str, found: list[int]
) -> None:
    rows = [given(Right.WRITE, to=AGENCY, on=resource), given(Right.READ, by=COMPANY, to=KARI)]

    text = page(people.get(PATH, {"q": term}))

    assert [n for n, row in enumerate(rows) if f"{PATH}{row.pk}/change/" in text] == found


def test_rights_are_filtered_by_right_and_resource(people: DjangoClient, resource: Resource) -> None:
    rows = [given(Right.WRITE, to=AGENCY, on=resource), given(Right.READ, by=COMPANY, to=KARI)]

    for query, found in (
        ({"right__exact": "write"}, [0]),
        ({"right__exact": "read"}, [1]),
        ({"resource__id__exact": "fjordby-byggesak"}, [0]),
        ({"resource__isnull": "True"}, [1]),
        ({"right__exact": "write", "q": PERSON_NUMBER}, []),
        ({"right__exact": "read", "q": PERSON_NUMBER}, [1]),
    ):
        text = page(people.get(PATH, query))
        assert [n for n, row in enumerate(rows) if f"{PATH}{row.pk}/change/" in text] == found, query


@pytest.mark.parametrize("lookup", ["to_party__startswith", "from_party__contains"])
def test_no_lookup_tells_what_is_masked(people: DjangoClient, lookup: str) -> None:
    assert people.get(PATH, {lookup: "urn:altinn:person:identifier-no:0"}).status_code == 400


def test_the_list_costs_the_same_for_any_number_of_rights(people: DjangoClient, resource: Resource) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(people.get(PATH))
        return len(queries)

    given(Right.WRITE, to=AGENCY, on=resource)
    few = statements()
    for number in range(20):
        given(Right.WRITE, to=organization(number), on=resource)

    assert statements() == few


def test_who_may_only_look_neither_gives_nor_withdraws(db: Any) -> None:
    row, people = given(Right.READ, by=COMPANY, to=KARI), clerk("view_delegation", "view_every_owner")

    page(people.get(f"{PATH}{row.pk}/change/"))
    assert people.post(f"{PATH}add/", {**FORM, "right": "read"}).status_code == 403
    assert people.post(f"{PATH}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Delegation.objects.get() == row


def test_who_gives_and_withdraws_needs_no_more_than_that(db: Any) -> None:
    people = clerk("view_delegation", "add_delegation", "delete_delegation", "view_every_owner")

    people.post(f"{PATH}add/", FORM)
    assert Delegation.objects.get().created_by == "kari"
    people.post(f"{PATH}{Delegation.objects.get().pk}/delete/", {"post": "yes"})

    assert not Delegation.objects.exists()


def test_a_resource_says_how_long_it_keeps_and_who_gets_confidential_post(
    people: DjangoClient, resource: Resource
) -> None:
    path = f"/admin/registry/resource/{resource.pk}/change/"
    text = page(people.get(path))
    assert "Retention" in text
    assert "Confidential post" in text
    form = {"owner": resource.owner_id, "type": resource.type, "title": "", "minimum_authentication_level": 0}
    days = {"purged_content_days": 1, "expired_content_days": 2, "published_content_days": 3, "history_days": 0}

    assert people.post(path, {**form, **days, "recipients_need_role": "on"}).status_code == 302

    resource.refresh_from_db()
    assert {name: getattr(resource, name) for name in days} == days
    assert resource.recipients_need_role
    assert "36500" in page(people.post(path, {**form, "history_days": 36501}))
    assert people.post(path, form).status_code == 302
    resource.refresh_from_db()
    assert resource.history_days is None
