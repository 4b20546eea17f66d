"""The register of parties in the back-office."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client as DjangoClient
from django.test.utils import CaptureQueriesContext

from config.kernel import back_office, clock
from recipients import actions
from recipients.models import Party
from tests.admin.pages import page

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
PARTIES = "/admin/recipients/party/"
NUMBER = "01818517641"
PERSON = f"urn:altinn:person:identifier-no:{NUMBER}"
BERG = "urn:altinn:organization:identifier-no:314762290"
FORM: dict[str, Any] = {"name": "BERG", "email": "b@berg.example", "mobile": "+4722000000", "party_id": "7"}


@pytest.fixture
def people(admin_client: DjangoClient) -> DjangoClient:
    return admin_client


@pytest.fixture
def berg(db: None) -> Party:
    return actions.register_party(recipient=BERG, now=clock.now(), has_confidential_role=True, **FORM)


def change(party: Party) -> str:
    return f"{PARTIES}{party.pk}/change/"


def test_a_party_is_added_with_all_that_is_known_of_it(people: DjangoClient) -> None:
    form = {**FORM, "urn": "0192:314762290", "is_reserved": "on", "has_confidential_role": "on"}

    assert people.post(f"{PARTIES}add/", form).status_code == 302

    party = Party.objects.get()
    assert (party.urn, party.name, party.email, party.mobile, party.party_id) == (BERG, *FORM.values())
    assert (party.is_reserved, party.has_confidential_role) == (True, True)
    assert LogEntry.objects.get().object_id == str(party.pk)


def test_a_party_is_not_added_a_second_time_in_another_spelling(people: DjangoClient, berg: Party) -> None:
    text = page(people.post(f"{PARTIES}add/", {"urn": "0192:314762290", "name": "DAL"}))

    assert "already exists" in text
    assert Party.objects.get().name == "BERG"


def test_an_edit_is_kept_and_dated(people: DjangoClient, berg: Party) -> None:
    before = berg.updated_at
    form = {**FORM, "email": "", "party_id": "", "has_confidential_role": "on"}

    assert people.post(change(berg), form).status_code == 302

    berg.refresh_from_db()
    assert (berg.name, berg.email, berg.mobile, berg.party_id) == ("BERG", "", "+4722000000", None)
    assert berg.has_confidential_role
    assert berg.updated_at > before


def test_an_unticked_box_is_kept(people: DjangoClient, berg: Party) -> None:
    people.post(change(berg), FORM)

    assert not Party.objects.get().has_confidential_role


def test_an_identifier_is_not_edited(people: DjangoClient, berg: Party) -> None:
    assert 'name="urn"' not in page(people.get(change(berg)))

    people.post(change(berg), {**FORM, "urn": "0192:312295202"})

    assert Party.objects.get().urn == BERG


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("urn", "314762290", "is an organisation number without the prefix 0192:"),
        ("urn", "01818517642", "check digits do not fit"),
        ("email", "berg.example", "Enter a valid email address."),
        ("mobile", "12", "Enter 8 digits, or + or 00 and digits, without blanks."),
        ("party_id", "x", "Enter 1 to 10 digits."),
        ("party_id", "7", "Another party has this party id."),
        ("name", "a\0b", "Null characters are not allowed."),
    ],
)
def test_what_has_not_its_form_is_refused(people: DjangoClient, berg: Party, field: str, text: str, why: str) -> None:
    answer = people.post(f"{PARTIES}add/", {"urn": "0192:312295202", field: text})

    assert why in page(answer)
    assert Party.objects.get() == berg


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["BERG", "KARI", "OLA"]),
        ({"is_reserved__exact": "1"}, ["KARI"]),
        ({"is_reserved__exact": "0"}, ["BERG", "OLA"]),
        ({"has_confidential_role__exact": "1"}, ["BERG"]),
        ({"q": "kar"}, ["KARI"]),
        ({"q": NUMBER}, ["KARI"]),
        ({"q": "0192:314762290"}, ["BERG"]),
        ({"q": "314762290"}, ["BERG"]),
        ({"q": "31476229"}, []),
    ],
    ids=str,
)
def test_parties_are_filtered_and_found(
    people: DjangoClient, berg: Party, query: dict[str, str], found: list[str]
) -> None:
    actions.register_party(recipient=NUMBER, now=clock.now(), name="KARI", is_reserved=True)
    actions.register_party(recipient="urn:altinn:person:legacy-selfidentified:ola", now=clock.now(), name="OLA")

    text = page(people.get(PARTIES, query))
    assert [name for name in ("BERG", "KARI", "OLA") if f">{name}</td>" in text] == found


@pytest.mark.parametrize("query", [{"party_id": "7"}, {"email__startswith": "b"}], ids=str)
def test_what_is_not_offered_as_a_filter_tells_nothing(people: DjangoClient, query: dict[str, str]) -> None:
    assert people.get(PARTIES, query).status_code == 400


def test_a_long_register_is_not_counted(people: DjangoClient, berg: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(back_office, "MANY_ROWS", 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE recipients_party")

    with CaptureQueriesContext(connection) as queries:
        page(people.get(PARTIES))

    assert not any("COUNT(*)" in query["sql"] for query in queries)


def test_what_a_filter_finds_in_a_long_register_is_counted(
    people: DjangoClient, berg: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.register_party(recipient=NUMBER, now=clock.now(), name="KARI", is_reserved=True)
    monkeypatch.setattr(back_office, "MANY_ROWS", 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE recipients_party")

    assert "1 party" in page(people.get(PARTIES, {"is_reserved__exact": "1"}))
    assert "2 part" in page(people.get(PARTIES))


def test_a_list_shows_how_a_party_is_reached(people: DjangoClient, berg: Party) -> None:
    text = page(people.get(PARTIES))

    assert all(f">{shown}</td>" in text for shown in ("BERG", "b@berg.example", "+4722000000"))


def test_person_numbers_are_masked_wherever_a_register_has_them(people: DjangoClient) -> None:
    actions.register_party(recipient=NUMBER, now=clock.now(), name=f"KARI {NUMBER}", email=f"{NUMBER}@example.com")

    assert NUMBER not in page(people.get(PARTIES))


def test_who_may_only_look_can_not_edit(client: DjangoClient, berg: Party) -> None:
    user = get_user_model().objects.create_user("clerk", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_party"))
    client.force_login(user)

    assert "BERG" in page(client.get(change(berg)))
    assert client.post(change(berg), {**FORM, "name": "DAL"}).status_code == 403
    assert client.post(f"{PARTIES}add/", {"urn": "0192:312295202"}).status_code == 403
    assert Party.objects.get().name == "BERG"


def test_a_list_costs_the_same_statements_for_any_number_of_parties(people: DjangoClient, berg: Party) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(people.get(PARTIES))
        return len(queries)

    few = statements()
    Party.objects.bulk_create([Party(urn=f"{BERG[:-3]}{number}") for number in range(100, 200)])

    assert statements() == few
