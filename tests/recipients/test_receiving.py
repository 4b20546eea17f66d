"""Whose post a caller's own is: each sentence of contract access.md §5 "recipient of X?", delegations apart."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel.caller import Caller, IssuerKind
from recipients.models import Party
from recipients.parties import receives_for

PERSON, OTHER_PERSON = "01818517641", "02029912345"
ORGANIZATION, OTHER_ORGANIZATION = "314762290", "312295202"
PERSON_URN = f"urn:altinn:person:identifier-no:{PERSON}"
ORGANIZATION_URN = f"urn:altinn:organization:identifier-no:{ORGANIZATION}"
EMAIL_URN = "urn:altinn:person:idporten-email:kari@example.com"
READ = frozenset({"read"})
ALTINN, MASKINPORTEN, DIALOG, PLATFORM = IssuerKind

# The caller, and the whole of what is its own among the three.
CALLERS = {
    "an organisation": (Caller(ALTINN, organization=ORGANIZATION), {ORGANIZATION_URN}),
    "an organisation, by Maskinporten": (Caller(MASKINPORTEN, organization=ORGANIZATION), {ORGANIZATION_URN}),
    "another organisation": (Caller(ALTINN, organization=OTHER_ORGANIZATION), set()),
    "a person": (Caller(ALTINN, person=PERSON), {PERSON_URN}),
    "another person": (Caller(ALTINN, person=OTHER_PERSON), set()),
    "a person with a system's vendor": (Caller(ALTINN, person=PERSON, organization=ORGANIZATION), {PERSON_URN}),
    "a person and a party id": (Caller(ALTINN, person=PERSON, party_id="7"), {PERSON_URN}),
    "a party id of a person": (Caller(ALTINN, party_id="5"), {PERSON_URN}),
    "a party id of an organisation": (Caller(ALTINN, party_id="7"), {ORGANIZATION_URN}),
    "a party id, by Maskinporten": (Caller(MASKINPORTEN, party_id="7"), {ORGANIZATION_URN}),
    "a party id of an e-mail user": (Caller(ALTINN, party_id="9"), {EMAIL_URN}),
    "a party id that nobody knows": (Caller(ALTINN, party_id="8"), set()),
    "such a party id, with an organisation": (Caller(ALTINN, party_id="8", organization=ORGANIZATION), set()),
    "a party id, with another's organisation": (
        Caller(ALTINN, party_id="5", organization=ORGANIZATION),
        {PERSON_URN},
    ),
    "nobody": (Caller(ALTINN), set()),
    "a dialog's party": (Caller(DIALOG, dialog_party_urn=ORGANIZATION_URN, actions=READ), {ORGANIZATION_URN}),
    "a dialog's actor and party": (
        Caller(DIALOG, dialog_party_urn=ORGANIZATION_URN, actor_urn=PERSON_URN, actions=READ),
        {ORGANIZATION_URN, PERSON_URN},
    ),
    "a dialog without the action": (
        Caller(DIALOG, dialog_party_urn=ORGANIZATION_URN, actor_urn=PERSON_URN, actions=frozenset({"write"})),
        set(),
    ),
    "an owner by its platform token alone": (
        Caller(PLATFORM, owner_code="fjordby", organization=ORGANIZATION),
        set(),
    ),
    "an owner by both of its tokens": (
        Caller(ALTINN, owner_code="fjordby", organization=ORGANIZATION),
        {ORGANIZATION_URN},
    ),
}


@pytest.fixture(autouse=True)
def register(db: None) -> None:
    for urn, party_id in ((PERSON_URN, "5"), (ORGANIZATION_URN, "7"), (EMAIL_URN, "9")):
        Party.objects.create(urn=urn, party_id=party_id)


@pytest.mark.parametrize(("caller", "own"), CALLERS.values(), ids=CALLERS)
def test_what_is_addressed_to_whom(caller: Caller, own: set[str]) -> None:
    addressed = (PERSON_URN, ORGANIZATION_URN, EMAIL_URN)

    assert {urn for urn in addressed if receives_for(caller, urn)} == own


@pytest.mark.parametrize(("caller", "own"), CALLERS.values(), ids=CALLERS)
def test_the_register_is_asked_only_about_a_party_id_that_stands_alone(caller: Caller, own: set[str]) -> None:
    with CaptureQueriesContext(connection) as queries:
        receives_for(caller, PERSON_URN)

    assert len(queries) == (1 if caller.party_id and not caller.person else 0)


def test_a_party_id_is_no_address(db: None) -> None:
    assert not receives_for(Caller(ALTINN, party_id="7"), "urn:altinn:partyid:7")
