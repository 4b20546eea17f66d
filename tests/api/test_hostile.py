"""Bodies and headers made to hurt: bounded answers, problem details, nothing stored. Found by attacking the service."""

from typing import Any

import pytest

from correspondence.models import Mailing
from tests.clients import Client, keys, problem
from tests.conftest import token
from tests.letters import ORGANIZATION, letter

MANY = 100_000
LARGEST_ANSWER = 100_000  # bytes


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({**letter(), "recipients": [1] * MANY}, "Recipients"),
        (letter(content__attachments=[{}] * MANY), "Correspondence.Content.Attachments"),
        (letter(externalReferences=[{}] * MANY), "Correspondence.ExternalReferences"),
        (letter(replyOptions=[{"linkURL": "x"}] * MANY), "Correspondence.ReplyOptions"),
        (letter(notification={"customRecipients": [{}] * MANY}), "Correspondence.Notification.CustomRecipients"),
        (letter(request__existingAttachments=[1] * MANY), "ExistingAttachments"),
        (letter(propertyList={str(n): 1 for n in range(MANY)}), "Correspondence.PropertyList"),
    ],
    ids=["recipients", "attachments", "references", "reply options", "custom recipients", "existing", "properties"],
)
def test_a_list_that_is_far_too_long_is_not_read(sender: Client, body: dict[str, Any], key: str) -> None:
    response = sender.post(body)

    assert keys(response) == {key}
    assert len(response.content) < LARGEST_ANSWER
    assert not Mailing.objects.exists()


def test_at_most_a_hundred_unreadable_values_are_told_and_how_many_more_there_are(sender: Client) -> None:
    response = sender.post(letter(replyOptions=[1] * 300))

    assert problem(response) == (400, "STD-00000")
    assert len(response.json()["errors"]) == 100
    assert response.json()["detail"] == "201 more members are at fault; the first 100 are told."


def test_at_most_a_hundred_broken_links_are_told(sender: Client) -> None:
    response = sender.post(letter(replyOptions=[{"linkURL": "x"}] * 300))

    assert problem(response) == (400, "CORR-01035")
    assert len(response.json()["faults"]) == 100


def test_many_texts_that_can_not_be_stored_make_a_small_answer(sender: Client) -> None:
    value: Any = ["\x00"] * 2000
    for _ in range(200):
        value = {"n" * 1000: value}

    response = sender.post(letter(unknown=value))

    assert problem(response) == (400, "STD-00000")
    assert len(response.content) < 2_000_000
    assert len(response.json()["errors"]) <= 101


def test_a_property_may_be_named_as_the_framework_names_its_own(sender: Client) -> None:
    response = sender.post(letter(propertyList={"non_field_errors": 1}))

    assert keys(response) == {"$.correspondence.propertyList.non_field_errors", "request"}


@pytest.mark.parametrize("coding", ["gzip", "br", "gzip, identity"])
def test_a_coded_body_is_415(sender: Client, coding: str) -> None:
    assert problem(sender.post(letter(), Content_Encoding=coding)) == (415, None)


def test_a_number_of_ten_thousand_digits_is_told_in_our_words(sender: Client) -> None:
    response = sender.post(b'{"a": ' + b"9" * 10_000 + b"}")

    assert response.json()["errors"]["$"] == ["Not valid JSON: it holds a number that cannot be read."]


def test_an_address_may_not_hold_a_line_break(sender: Client) -> None:
    assert keys(sender.post(letter("urn:altinn:person:idporten-email:a\nb@c.no"))) == {"Recipients"}


def test_a_bearer_token_is_no_platform_token(sender: Client) -> None:
    assert problem(Client(PlatformAccessToken=token()).post(letter(ORGANIZATION))) == (401, None)
