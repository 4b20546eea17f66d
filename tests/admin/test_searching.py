"""Searching in the back-office: in any spelling, and without a person's number in any address."""

from typing import Any

import pytest
from django.test import Client as DjangoClient

from correspondence.models import Correspondence, Mailing
from registry.models import ServiceOwner
from tests.admin.pages import page
from tests.admin.test_lists import FILES, LETTERS, MAILINGS, member_of, shown
from tests.clients import Client
from tests.files import uploaded
from tests.letters import ORGANIZATION, PERSON, letter

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
NUMBER = PERSON.rpartition(":")[2]


@pytest.fixture
def people(admin_client: DjangoClient) -> DjangoClient:
    return admin_client


@pytest.fixture
def sent(sender: Client) -> Correspondence:
    """A letter to a person; another one went to an organisation."""
    sender.post(letter(ORGANIZATION, sendersReference="another"))
    sender.post(letter(PERSON, sendersReference="sak-2026-42"))
    return Correspondence.objects.get(recipient=PERSON)


def find(client: DjangoClient, path: str, term: str) -> str:
    """Where the search form leads."""
    answer = client.post(f"{path}find/", {"term": term})
    assert answer.status_code == 302
    return answer["Location"]


@pytest.mark.parametrize("path", [LETTERS, MAILINGS])
@pytest.mark.parametrize(
    "term",
    [
        "{letter}",
        "{LETTER}",
        "  {{{letter}}} ",
        "urn:uuid:{letter}",
        "{hex}",
        "{mailing}",
        "sak-2026-42",
        " sak-2026-42 ",
        NUMBER,
        f"{NUMBER[:6]} {NUMBER[6:]}",
        f"{NUMBER[:6]}-{NUMBER[6:]}",
        PERSON,
        PERSON.upper(),
    ],
)
def test_what_was_sent_to_a_person_is_found(people: DjangoClient, sent: Correspondence, path: str, term: str) -> None:
    ids = {"letter": sent.pk, "LETTER": str(sent.pk).upper(), "hex": sent.pk.hex, "mailing": sent.mailing_id}

    found = shown(people, find(people, path, term.format(**ids)))

    assert found == [sent.pk if path == LETTERS else sent.mailing_id]


@pytest.mark.parametrize(
    "term", ["314762290", "314 762 290", "314\u00a0762\u00a0290", "0192:314762290", "NO 314 762 290 MVA", ORGANIZATION]
)
def test_what_was_sent_to_an_organisation_is_found(people: DjangoClient, sent: Correspondence, term: str) -> None:
    assert shown(people, find(people, LETTERS, term)) == [Correspondence.objects.get(recipient=ORGANIZATION).pk]


def test_a_letter_is_found_when_it_is_out_too(people: DjangoClient, sent: Correspondence) -> None:
    Correspondence.objects.update(statuses_seen=7, status=2, queue_state="done")

    assert shown(people, find(people, LETTERS, NUMBER)) == [sent.pk]


def test_a_reference_may_look_like_a_recipient(people: DjangoClient, sender: Client) -> None:
    sender.post(letter(sendersReference="991825827"))

    assert len(shown(people, find(people, LETTERS, "991825827"))) == 1
    assert len(shown(people, find(people, MAILINGS, "991825827"))) == 1


@pytest.mark.parametrize("term", ["sak-2026-4", "SAK-2026-42", "01818517", "314762291", "%", "\\", "'", "x" * 5000])
def test_what_is_not_there_is_not_found(people: DjangoClient, sent: Correspondence, term: str) -> None:
    for path in (LETTERS, MAILINGS, FILES):
        assert shown(people, find(people, path, term)) == []


def test_a_file_is_found_by_id_and_reference(people: DjangoClient, sender: Client) -> None:
    first = uploaded(sender, sendersReference="plan-1")
    uploaded(sender, sendersReference="plan-2")

    for term in (first, first.upper(), "plan-1"):
        assert [str(id) for id in shown(people, find(people, FILES, term))] == [first]


@pytest.mark.parametrize(
    "term",
    [NUMBER, f"{NUMBER[:6]} {NUMBER[6:]}", PERSON, f"sak om {NUMBER}", "kari@example.no",
     "urn:altinn:person:idporten-email:kari@example.no"],
)  # fmt: skip
@pytest.mark.parametrize("path", [LETTERS, MAILINGS, FILES])
def test_no_address_holds_whom_somebody_searched_for(
    people: DjangoClient, sent: Correspondence, path: str, term: str
) -> None:
    address = find(people, path, term)
    text = page(people.get(address))

    for trace in (NUMBER, NUMBER[6:], "kari", "kari%40"):
        assert trace not in address + text, "neither the address, nor a link or form of the page"
    assert f"Search: {'*' * 11}" in text


def test_who_writes_a_number_into_the_address_gets_no_page_that_repeats_it(
    people: DjangoClient, sent: Correspondence
) -> None:
    text = page(people.get(LETTERS, {"q": NUMBER}))

    assert str(sent.pk) in text
    assert NUMBER not in text


def test_a_search_is_kept_while_one_leafs_filters_and_exports(people: DjangoClient, sent: Correspondence) -> None:
    address = find(people, LETTERS, NUMBER)

    assert shown(people, f"{address}&status__exact=0") == [sent.pk]
    assert shown(people, f"{address}&status__exact=11") == []
    answer: Any = people.post(address.replace(LETTERS, f"{LETTERS}export/"))
    assert b"".join(answer.streaming_content).count(b"\r\n") == 2, "the head and one line"


def test_a_search_means_nothing_to_anybody_else(
    people: DjangoClient, sent: Correspondence, owner: ServiceOwner
) -> None:
    address = find(people, LETTERS, NUMBER)

    text = page(member_of(owner).get(address))

    assert "This search is over." in text
    assert str(sent.pk) not in text


def test_a_session_keeps_some_searches_and_not_each_one(people: DjangoClient, sent: Correspondence) -> None:
    first, again = find(people, LETTERS, NUMBER), find(people, LETTERS, NUMBER)
    for number in range(35):
        find(people, LETTERS, f"kari{number}@example.no")

    assert first == again
    assert "This search is over." in page(people.get(first))
    assert len(people.session["back_office_searches"]) == 30


def test_what_tells_of_nobody_stands_in_the_address(people: DjangoClient, sent: Correspondence) -> None:
    assert find(people, LETTERS, "sak-2026-42") == f"{LETTERS}?q=sak-2026-42"
    assert find(people, LETTERS, "314762290") == f"{LETTERS}?q=314762290"
    assert find(people, LETTERS, "") == LETTERS


def test_a_member_finds_nothing_of_another_owner(sent: Correspondence, other_resource: Any) -> None:
    kari = member_of(ServiceOwner.objects.get(code="dalen"))

    for term in (NUMBER, str(sent.pk), str(sent.mailing_id), "sak-2026-42"):
        for path in (LETTERS, MAILINGS):
            assert shown(kari, find(kari, path, term)) == []
    assert Mailing.objects.count() == 2
