"""Why a letter is where it is, in words on its page."""

from typing import Any

import pytest
from django.test import Client as DjangoClient

from config.kernel import clock
from correspondence.actions.advance import fail_unfinished
from correspondence.models import Correspondence
from recipients.models import Party
from tests.clients import Client
from tests.letters import ORGANIZATION, PERSON, letter
from tests.mail import published, sent, work

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
FAR = "2099-01-01T00:00:00Z"


@pytest.fixture
def why(admin_client: DjangoClient) -> Any:
    def read(letter_id: str) -> str:
        return admin_client.get(f"/admin/correspondence/correspondence/{letter_id}/change/").content.decode()

    return read


def test_a_letter_that_is_out(sender: Client, why: Any) -> None:
    assert "Published; nothing left to do." in why(published(sender))


def test_a_letter_that_failed_says_why(sender: Client, why: Any) -> None:
    [letter_id] = sent(sender, letter(requestedPublishTime=FAR))
    fail_unfinished([Correspondence.objects.get().mailing_id], "Trukket av 01818517641.", clock.now())

    assert "Failed for good: Trukket av ***********." in why(letter_id)


def test_a_letter_that_its_sender_took_back(sender: Client, why: Any) -> None:
    [letter_id] = sent(sender, letter(requestedPublishTime=FAR))
    sender.purge(letter_id)

    assert "Deleted by its sender before it was published." in why(letter_id)


def test_a_letter_that_failed_and_was_taken_back_says_both(sender: Client, why: Any) -> None:
    [letter_id] = sent(sender, letter(requestedPublishTime=FAR))
    fail_unfinished([Correspondence.objects.get().mailing_id], "No such recipient", clock.now())
    sender.purge(letter_id)

    assert "Failed for good: No such recipient. Deleted by its sender since." in why(letter_id)


def test_a_letter_that_its_recipient_deleted(sender: Client, reader: Client, why: Any) -> None:
    letter_id = published(sender)
    reader.purge(letter_id)

    assert "Published, and deleted by its recipient; nothing left to do." in why(letter_id)


def test_a_letter_to_one_who_has_reserved(sender: Client, why: Any) -> None:
    Party.objects.create(urn=PERSON, is_reserved=True)
    reserved, _ = sent(sender, letter(PERSON, ORGANIZATION, requestedPublishTime=FAR))
    work()

    assert "Its recipient has reserved against digital post" in why(reserved)
