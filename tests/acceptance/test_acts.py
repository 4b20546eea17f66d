"""What caseworkers do with letters, through real processes: what follows is published by a real worker."""

from __future__ import annotations

import re

import psycopg
import pytest

from tests.acceptance.backoffice import BackOffice
from tests.acceptance.receiver import Receiver
from tests.acceptance.sender import new_reference
from tests.acceptance.service import Service
from tests.acceptance.uploader import RECIPIENT
from tests.acceptance.waiting import until

pytestmark = pytest.mark.e2e
LATER = "2099-01-01T00:00:00Z"
MANY = 450


@pytest.fixture(scope="module")
def owner(service: Service) -> Receiver:
    return Receiver(service.api_url, service.token)


@pytest.fixture(scope="module")
def people(service: Service) -> BackOffice:
    return BackOffice(service)


def scheduled(owner: Receiver) -> str:
    request = owner.letter_to(RECIPIENT)
    request["correspondence"]["requestedPublishTime"] = LATER
    (letter,) = owner.send(request)
    until(lambda: owner.look(letter).json()["status"] == "ReadyForPublish")
    return letter


def is_out(owner: Receiver, letter: str) -> bool:
    return bool(owner.look(letter).json()["status"] == "Published")


def test_a_letter_for_later_is_published_now(owner: Receiver, people: BackOffice) -> None:
    letter = scheduled(owner)

    people.act(letter, "publish_now", "It is urgent")

    until(lambda: is_out(owner, letter))


def test_a_cancelled_letter_is_sent_again_and_published(owner: Receiver, people: BackOffice, service: Service) -> None:
    letter = scheduled(owner)

    people.act(letter, "cancel", "Wrong logo")
    assert owner.look(letter).json()["statusText"] == "Cancelled before it was published: Wrong logo"
    text = people.act(letter, "send_again", "Mended")

    (new,) = set(re.findall(r"correspondence/correspondence/([0-9a-f-]{36})/", text)) - {letter}
    people.act(new, "publish_now", "It is urgent")
    until(lambda: is_out(owner, new))
    assert new in people.get(f"/correspondence/correspondence/{letter}/change/")


def test_many_letters_that_were_set_aside_are_retried_by_a_worker(
    owner: Receiver, people: BackOffice, service: Service
) -> None:
    request = owner.letter(new_reference())
    request["recipients"] = [f"0192:{number}" for number in range(200_000_000, 200_000_000 + MANY)]
    request["correspondence"]["requestedPublishTime"] = LATER
    first, *_ = owner.send(request)
    until(lambda: owner.look(first).json()["status"] == "ReadyForPublish")
    with psycopg.connect(service.settings["DATABASE_URL"], autocommit=True) as database:
        database.execute(
            """UPDATE correspondence_correspondence SET queue_state = 'set_aside', due_at = now(), next_try_at = now()
            WHERE mailing_id = (SELECT mailing_id FROM correspondence_correspondence WHERE id = %s)""",
            [first],
        )

    begun = people.act_on_all("retry_set_aside", "queue_state__exact=set_aside", first, "")

    until(lambda: f"Done with {MANY} of {MANY} letters." in people.get(begun.url), seconds=60)
    until(lambda: is_out(owner, first), seconds=60)
