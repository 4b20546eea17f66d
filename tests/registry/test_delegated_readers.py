"""A party that a recipient lets read its post, by HTTP (contract access.md §5)."""

import pytest

from registry.models import Resource
from registry.statuses import Right
from tests.clients import Client, problem
from tests.letters import ORGANIZATION, PERSON, letter
from tests.mail import history, published, sent
from tests.registry.delegations import given, withdrawn
from tests.tokens import signed

REFUSED = (401, "CORR-04001")
NOT_FOUND = (404, "CORR-01001")
READ = "altinn:correspondence.read"


@pytest.fixture
def kari() -> Client:
    """A person to whom nothing was sent."""
    return Client(signed({"pid": PERSON[-11:], "scope": READ}))


def test_a_person_reads_an_organisations_post_until_the_right_is_withdrawn(sender: Client, kari: Client) -> None:
    letter_id = published(sender)
    assert problem(kari.overview(letter_id)) == REFUSED

    given(Right.READ, by=ORGANIZATION, to=PERSON)
    assert kari.overview(letter_id).status_code == 200
    assert kari.mark_as_read(letter_id).status_code == 200

    withdrawn(Right.READ, by=ORGANIZATION, to=PERSON)
    before = history(letter_id)
    assert problem(kari.overview(letter_id)) == REFUSED
    assert problem(kari.mark_as_read(letter_id)) == REFUSED
    assert history(letter_id) == before


def test_a_right_for_another_resource_or_to_somebody_else_does_not_help(
    sender: Client, kari: Client, other_resource: Resource
) -> None:
    letter_id = published(sender)

    given(Right.READ, by=ORGANIZATION, to=PERSON, on=other_resource)
    given(Right.READ, by=ORGANIZATION, to="991825827")
    given(Right.READ, by="310635820", to=PERSON)

    assert problem(kari.overview(letter_id)) == REFUSED


def test_who_reads_for_a_recipient_sees_no_more_than_it(sender: Client, kari: Client, resource: Resource) -> None:
    given(Right.READ, by=ORGANIZATION, to=PERSON, on=resource)
    waiting = sent(sender, letter(requestedPublishTime="2099-01-01T00:00:00Z"))[0]

    assert problem(kari.overview(waiting)) == NOT_FOUND


def test_a_sender_does_not_read_what_its_owner_receives(sender: Client, other_sender: Client) -> None:
    letter_id = published(other_sender, letter("0192:312295202", resourceId="dalen-skatt"))

    given(Right.WRITE, by="312295202", to="991825827")

    agency = Client(signed({"urn:altinn:orgNumber": "991825827", "scope": READ}))
    assert problem(agency.overview(letter_id)) == REFUSED
