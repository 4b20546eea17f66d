"""Whose post a token opens: the level that is demanded, and whom it names (contract access.md §4, §5)."""

from typing import Any

import pytest

from config.kernel import clock, development_issuer
from registry.actions import delegate
from registry.models import Resource
from tests.clients import Client, problem
from tests.conftest import HOUR
from tests.letters import ORGANIZATION, PERSON, letter
from tests.mail import published, since
from tests.tokens import signed

READ = "altinn:correspondence.read"


@pytest.mark.parametrize(
    ("level", "seen"), [("4", True), (4, True), ("3", False), (None, False), ("x", False), ("-4", False)]
)
def test_a_resource_may_demand_a_level_of_authentication_of_recipients(sender: Client, level: Any, seen: bool) -> None:
    Resource.objects.update(minimum_authentication_level=4)
    letter_id = published(sender, letter(PERSON))
    claims = {"pid": PERSON[-11:], "scope": READ, "urn:altinn:authlevel": level}

    answer = Client(signed(claims)).overview(letter_id)

    assert (answer.status_code == 200) is seen
    if not seen:
        assert problem(answer) == (401, "CORR-04001")
        assert "demands authentication level 4" in answer.json()["detail"]
    assert sender.overview(letter_id).status_code == 200


@pytest.mark.parametrize(("level", "status"), [(0, 200), (4, 200), (3, 401)])
def test_a_dialog_tokens_level_nought_is_enough(sender: Client, dialog_token: Any, level: int, status: int) -> None:
    Resource.objects.update(minimum_authentication_level=4)
    letter_id = published(sender)

    dialog = Client(dialog_token({"p": ORGANIZATION, "a": "read", "l": level}))
    assert dialog.overview(letter_id).status_code == status


def beside_a_platform_token(claims: dict[str, Any]) -> Client:
    platform_token = development_issuer.platform_token("fjordby", now=clock.now(), lifetime=HOUR)
    return Client(signed(claims), PlatformAccessToken=platform_token)


@pytest.mark.parametrize("scope", ["", "altinn:portal/enduser", "altinn:something"])
def test_a_platform_token_makes_nobody_a_recipient(sender: Client, scope: str) -> None:
    """It opens the door for its owner; what comes beside it receives by a scope of its own."""
    letter_id = published(sender)
    caller = beside_a_platform_token({"urn:altinn:orgNumber": "314762290", "scope": scope})
    other = published(sender, letter("0192:310080632"))
    delegate(
        from_party="0192:310080632", to_party=ORGANIZATION, right="read", resource_id=None, by="test", now=clock.now()
    )

    sent_by_owner = caller.overview(letter_id)
    assert (sent_by_owner.status_code, sent_by_owner.json()["content"]["messageBody"]) == (200, "")
    assert caller.overview(other).json()["content"]["messageBody"] == ""
    assert since(letter_id) == since(other) == []
    for party in (None, ORGANIZATION, "0192:310080632"):
        found = caller.find(resourceId="fjordby-byggesak", role="Recipient", onBehalfOf=party)
        assert problem(found) == (401, "CORR-04001")


def test_beside_a_platform_token_one_with_the_scope_receives(sender: Client) -> None:
    letter_id = published(sender)

    caller = beside_a_platform_token({"urn:altinn:orgNumber": "314762290", "scope": READ})
    found = caller.find(resourceId="fjordby-byggesak", role="Recipient", onBehalfOf=ORGANIZATION)
    assert found.json() == {"ids": [letter_id]}


@pytest.mark.parametrize(
    "claims",
    [
        {"pid": 1818517641},
        {"pid": ["01818517641"]},
        {"pid": ""},
        {"pid": "018185176411"},
        {"urn:altinn:partyid": "1" * 11},
    ],
)
def test_a_person_that_can_not_be_read_does_not_read_for_its_vendor(sender: Client, claims: dict[str, Any]) -> None:
    letter_id = published(sender)
    caller = Client(signed({**claims, "consumer": {"ID": "0192:314762290"}, "scope": READ}))

    assert problem(caller.overview(letter_id)) == (401, "CORR-04001")
    assert problem(caller.find(resourceId="fjordby-byggesak", role="Recipient")) == (401, "CORR-04001")


def test_the_level_is_asked_of_lists_too(sender: Client, reader: Client) -> None:
    letter_id = published(sender)
    search = {"resourceId": "fjordby-byggesak", "role": "Recipient"}

    assert reader.find(**search).json() == {"ids": [letter_id]}
    Resource.objects.update(minimum_authentication_level=4)
    refused = reader.find(**search)
    assert problem(refused) == (401, "CORR-04001")
    assert "demands authentication level 4, and the token has level 3" in refused.json()["detail"]
    assert sender.find(**{**search, "role": "Sender"}).json() == {"ids": [letter_id]}


def test_a_dialog_tokens_party_is_read_in_any_casing(sender: Client, dialog_token: Any) -> None:
    """Recipients are stored in lower case (contract validation.md §2)."""
    urn = "urn:altinn:person:idporten-email:Kari@Example.com"
    letter_id = published(sender, letter(urn))

    for claim in ("p", "c"):
        dialog = Client(dialog_token({"p": ORGANIZATION, claim: urn, "a": "read"}))
        assert dialog.overview(letter_id).status_code == 200


@pytest.mark.parametrize(("named", "status"), [("fjordby-byggesak", 200), ("dalen-skatt", 401)])
def test_a_dialog_token_is_for_its_own_resource(sender: Client, dialog_token: Any, named: str, status: int) -> None:
    letter_id = published(sender)
    dialog = Client(dialog_token({"p": ORGANIZATION, "a": "read", "s": f"urn:altinn:resource:{named}"}))

    assert dialog.overview(letter_id).status_code == status
    assert dialog.find(resourceId="fjordby-byggesak", role="Recipient").status_code == status
