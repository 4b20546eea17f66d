"""The back-office: what people see, and what they cannot do."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client as DjangoClient
from django.test.utils import CaptureQueriesContext

from config.kernel import clock
from correspondence import actions
from correspondence.models import Correspondence, Mailing
from correspondence.statuses import QueueState
from recipients.models import Party
from registry.models import Resource
from tests.admin.pages import page, tile
from tests.clients import Client
from tests.letters import PERSON, letter

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
LETTERS = "/admin/correspondence/correspondence/"
MAILINGS = "/admin/correspondence/mailing/"
PERSON_NUMBER = "01818517641"


@pytest.fixture
def people(admin_client: DjangoClient) -> DjangoClient:
    return admin_client


@pytest.fixture
def sent(sender: Client) -> Correspondence:
    assert sender.post(letter(PERSON, sendersReference="sak-2026-42")).status_code == 200
    return Correspondence.objects.get()


@pytest.mark.parametrize(
    "path",
    ["/admin/", LETTERS, MAILINGS, "/admin/registry/serviceowner/", "/admin/registry/resource/",
     "/admin/recipients/party/", "/admin/figures/"],
)  # fmt: skip
def test_pages_open_for_staff_and_not_for_strangers(people: DjangoClient, sent: Correspondence, path: str) -> None:
    page(people.get(path))
    assert DjangoClient().get(path)["Location"].startswith("/admin/login/")


def test_a_letters_page_shows_its_history_and_why_it_is_where_it_is(people: DjangoClient, sent: Correspondence) -> None:
    text = page(people.get(f"{LETTERS}{sent.pk}/change/"))

    assert "a worker has not queued it yet" in text
    assert "Initialized" in text
    assert "sak-2026-42" in text


@pytest.mark.parametrize(
    "path", [LETTERS, f"{LETTERS}{{letter}}/change/", f"{LETTERS}?q={PERSON_NUMBER}", f"{LETTERS}{{letter}}/history/"]
)
def test_person_numbers_are_masked(people: DjangoClient, sent: Correspondence, path: str) -> None:
    text = page(people.get(path.format(letter=sent.pk)))

    echoes = [f'name="q" value="{PERSON_NUMBER}"', f"q={PERSON_NUMBER}", f"q%3D{PERSON_NUMBER}"]  # as the user typed it
    for echo in echoes:
        text = text.replace(echo, "")
    assert PERSON_NUMBER not in text


def test_person_numbers_of_parties_are_masked(people: DjangoClient) -> None:
    party = Party.objects.create(urn=PERSON, name="Kari")

    for path in ("/admin/recipients/party/", f"/admin/recipients/party/{party.pk}/change/"):
        assert PERSON_NUMBER not in page(people.get(path))


def test_a_party_is_added_in_any_form_and_kept_as_a_urn(people: DjangoClient) -> None:
    added = people.post("/admin/recipients/party/add/", {"urn": PERSON_NUMBER, "name": "Kari"})
    refused = people.post("/admin/recipients/party/add/", {"urn": "01818517642", "name": "Ola"})

    assert added.status_code == 302
    assert "check digits" in page(refused)
    assert Party.objects.get().urn == PERSON
    assert PERSON_NUMBER not in page(people.get("/admin/"))  # the list of recent actions


@pytest.mark.parametrize("term", ["{letter}", "{mailing}", "sak-2026-42", PERSON_NUMBER, PERSON])
def test_a_letter_is_found_by_id_reference_and_recipient(people: DjangoClient, sent: Correspondence, term: str) -> None:
    term = term.format(letter=sent.pk, mailing=sent.mailing_id)

    assert str(sent.pk) in page(people.get(LETTERS, {"q": term}))


def test_what_is_not_there_is_not_found(people: DjangoClient, sent: Correspondence) -> None:
    for term in ("sak-2026-4", "314762290", "01a20f95-3f06-7124-bbc9-1984be01f9dd", "%"):
        assert f"{LETTERS}{sent.pk}/change/" not in page(people.get(LETTERS, {"q": term})), term


@pytest.mark.parametrize("term", ["{letter}", "{mailing}", "sak-2026-42"])
def test_a_mailing_is_found_by_id_and_reference(people: DjangoClient, sent: Correspondence, term: str) -> None:
    term = term.format(letter=sent.pk, mailing=sent.mailing_id)

    assert f"{MAILINGS}{sent.mailing_id}/change/" in page(people.get(MAILINGS, {"q": term}))


def test_lists_are_filtered_by_status_and_resource(
    people: DjangoClient, sent: Correspondence, other_resource: Resource
) -> None:
    for query, found in (
        ({"status__exact": "0"}, True),
        ({"status__exact": "2"}, False),
        ({"resource__id__exact": "fjordby-byggesak"}, True),
        ({"resource__id__exact": "dalen-skatt"}, False),
    ):
        assert (f"{LETTERS}{sent.pk}/change/" in page(people.get(LETTERS, query))) is found, query


def test_lists_cost_the_same_number_of_statements_for_any_number_of_rows(
    people: DjangoClient, sender: Client, sent: Correspondence
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(people.get(LETTERS))
        return len(queries)

    few = statements()
    for number in range(20):
        sender.post(letter(sendersReference=str(number)))

    assert statements() == few


@pytest.mark.parametrize("verb", ["add/", "{letter}/delete/"])
def test_letters_are_neither_added_nor_deleted_by_hand(people: DjangoClient, sent: Correspondence, verb: str) -> None:
    path = LETTERS + verb.format(letter=sent.pk)

    assert people.get(path).status_code == people.post(path, {"post": "yes"}).status_code == 403
    assert Correspondence.objects.count() == 1


def test_letters_and_mailings_are_not_edited_by_hand(people: DjangoClient, sent: Correspondence) -> None:
    letter_path, mailing_path = f"{LETTERS}{sent.pk}/change/", f"{MAILINGS}{sent.mailing_id}/change/"

    assert people.post(letter_path, {"status": "2"}).status_code == 403
    assert people.post(mailing_path, {"title": "x"}).status_code == 403
    assert Mailing.objects.get().title == "Vedtak"


def test_a_letter_that_was_set_aside_is_retried_from_the_list(people: DjangoClient, sent: Correspondence) -> None:
    actions.queue_mailing(mailing_id=sent.mailing_id, now=clock.now())
    Correspondence.objects.update(queue_state=QueueState.SET_ASIDE, attempts=5, last_error="boom")
    assert "boom" in page(people.get(f"{LETTERS}{sent.pk}/change/"))

    asked = people.post(LETTERS, {"action": "retry_set_aside", "_selected_action": [str(sent.pk)]}, follow=True)
    assert "1 letter is retried." in page(asked)
    assert Correspondence.objects.get().queue_state == QueueState.SET_ASIDE
    people.post(asked.redirect_chain[-1][0], {"reason": ""})

    assert Correspondence.objects.get().queue_state == QueueState.READY


def test_who_may_only_look_can_not_retry(sent: Correspondence, client: DjangoClient) -> None:
    user = get_user_model().objects.create_user("clerk", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_correspondence"))
    client.force_login(user)

    assert "retry_set_aside" not in page(client.get(LETTERS))


def test_the_queue_is_shown_in_figures(people: DjangoClient, sender: Client, sent: Correspondence) -> None:
    actions.queue_mailing(mailing_id=sent.mailing_id, now=clock.now())
    sender.post(letter(requestedPublishTime="2099-01-01"))
    actions.queue_mailing(mailing_id=Mailing.objects.latest("id").pk, now=clock.now())
    sender.post(letter())

    text = page(people.get("/admin/"))

    figures = {"waiting": "1", "due": "1", "scheduled": "1", "set_aside": "0"}
    assert {key: tile(text, key)[0] for key in figures} == figures


@pytest.mark.parametrize(
    "path",
    [
        f"{LETTERS}?queue_state__exact=%00",
        f"{LETTERS}?due_at__year=99999999999",
        f"{LETTERS}?id__exact=x",
        "/admin/registry/resource/%00/change/",
        "/admin/registry/resource/add/?owner=abc",
        f"{LETTERS}?nonsense__x=1",
    ],
)
def test_an_odd_address_is_no_fault_of_ours(people: DjangoClient, sent: Correspondence, path: str) -> None:
    assert people.get(path, follow=True).status_code in (200, 400)


def test_an_odd_choice_is_no_fault_of_ours(people: DjangoClient, sent: Correspondence) -> None:
    form = {"action": "retry_set_aside", "_selected_action": ["x"]}

    assert people.post(LETTERS, form).status_code == 400


@pytest.mark.parametrize("query", ["_to_field=hemmelig", "hemmelig__in=1", "id__hemmelig=1"])
def test_what_a_list_was_asked_is_in_no_log(
    people: DjangoClient, sent: Correspondence, query: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    assert people.get(f"{LETTERS}?{query}").status_code == 400

    assert "suspicious_request" in caplog.text
    assert "hemmelig" not in caplog.text


@pytest.mark.parametrize("path", [LETTERS, MAILINGS, f"{MAILINGS}{{mailing}}/change/", f"{LETTERS}{{letter}}/change/"])
def test_person_numbers_in_what_senders_wrote_are_masked(people: DjangoClient, sender: Client, path: str) -> None:
    text = f"Til {PERSON_NUMBER}"
    sender.post(
        letter(
            sendersReference=text,
            messageSender=text,
            content__messageTitle=text,
            content__messageBody=text,
            content__messageSummary=text,
            propertyList={PERSON_NUMBER: PERSON_NUMBER},
        )
    )
    row = Correspondence.objects.get()

    assert PERSON_NUMBER not in page(people.get(path.format(letter=row.pk, mailing=row.mailing_id)))


def test_the_queue_is_for_those_who_may_look_at_letters(client: DjangoClient, db: None) -> None:
    client.force_login(get_user_model().objects.create_user("clerk", password="x", is_staff=True))

    assert client.get("/admin/figures/").status_code == 403
    assert "start-tile" not in page(client.get("/admin/"))


@pytest.mark.parametrize("resource_id", ["a b", "a/b?c", "a#;--", ""])
def test_a_resource_is_not_named_as_no_client_could_write_it(
    people: DjangoClient, owner: Any, resource_id: str
) -> None:
    form = {"id": resource_id, "owner": owner.pk, "type": "CorrespondenceService", "minimum_authentication_level": 0}
    page(people.post("/admin/registry/resource/add/", form))

    assert not Resource.objects.exists()


def test_a_letter_that_was_put_off_counts_among_those_that_should_be_out(
    people: DjangoClient, sent: Correspondence
) -> None:
    actions.queue_mailing(mailing_id=sent.mailing_id, now=clock.now())
    hour = timedelta(hours=1)
    Correspondence.objects.update(attempts=1, due_at=clock.now() - 2 * hour, next_try_at=clock.now() + hour)

    text = page(people.get("/admin/"))

    assert tile(text, "oldest")[0] == "2 hours"


def test_an_owner_without_a_code_is_saved_twice(people: DjangoClient) -> None:
    for number in ("991825827", "312295202"):
        form = {"organization_number": number, "name": "x", "code": ""}
        assert people.post("/admin/registry/serviceowner/add/", form).status_code == 302


def test_a_resources_id_is_not_changed(people: DjangoClient, resource: Resource) -> None:
    path = f"/admin/registry/resource/{resource.pk}/change/"

    assert 'name="id"' not in page(people.get(path))


def test_a_letter_that_waits_counts_from_the_time_it_was_meant_for(people: DjangoClient, sent: Correspondence) -> None:
    now = clock.now()
    Mailing.objects.update(created_at=now - timedelta(days=30), requested_publish_time=now - timedelta(hours=2))
    Correspondence.objects.update(due_at=now - timedelta(hours=2), next_try_at=now - timedelta(hours=2))

    assert tile(page(people.get("/admin/")), "oldest")[0] == "2 hours"
