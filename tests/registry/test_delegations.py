"""Whom a right that was given away helps, and to what (contract access.md §5)."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import ProtectedError

from config.kernel import clock
from config.kernel.caller import Caller, IssuerKind, from_claims
from registry import actions
from registry.models import Delegation, Resource, ServiceOwner
from registry.policies import can_read_for, can_send_at_all, can_send_for, rights_for
from registry.statuses import Right
from tests.concurrency import at_once
from tests.conftest import OTHER_OWNER, OWNER
from tests.recipients.importing import organization
from tests.registry.delegations import AGENCY, given, withdrawn

pytestmark = pytest.mark.django_db
READ, WRITE = Right.READ, Right.WRITE
OWNER_URN = f"urn:altinn:organization:identifier-no:{OWNER}"
OTHER_URN = f"urn:altinn:organization:identifier-no:{OTHER_OWNER}"
COMPANY = "urn:altinn:organization:identifier-no:314762290"
KARI = "urn:altinn:person:identifier-no:01818517641"
OLA = "urn:altinn:person:identifier-no:17858296439"
RESOURCE = "fjordby-byggesak"


def altinn(**claims: Any) -> Caller:
    return from_claims(IssuerKind.ALTINN, {name.replace("__", ":"): value for name, value in claims.items()})


def consumer(urn: str) -> dict[str, str]:
    return {"ID": f"0192:{urn[-9:]}"}


AGENCYS = altinn(urn__altinn__orgNumber=AGENCY[-9:])
COMPANYS = altinn(urn__altinn__orgNumber=COMPANY[-9:])
KARIS = altinn(pid=KARI[-11:])
OLAS_AT_THE_AGENCY = altinn(pid=OLA[-11:], consumer=consumer(AGENCY))
DIRECT = from_claims(IssuerKind.MASKINPORTEN, {"consumer": consumer(AGENCY)})
DIALOG = from_claims(IssuerKind.DIALOG, {"c": KARI, "p": AGENCY, "a": "read;write"})
PLATFORM = Caller(kind=IssuerKind.PLATFORM, owner_code="dalen")
PLATFORM_BESIDE_THE_AGENCY = Caller(kind=IssuerKind.ALTINN, organization=AGENCY[-9:], owner_code="dalen")
UNKNOWN_PLATFORM = Caller(kind=IssuerKind.PLATFORM, owner_code="nobody")


# --- sending ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caller", "to", "may"),
    [
        pytest.param(AGENCYS, AGENCY, True, id="its token"),
        pytest.param(DIRECT, AGENCY, True, id="its direct Maskinporten token"),
        pytest.param(OLAS_AT_THE_AGENCY, AGENCY, True, id="a person's token that counts as the organisation"),
        pytest.param(COMPANYS, AGENCY, False, id="another organisation"),
        pytest.param(KARIS, AGENCY, False, id="a person"),
        pytest.param(DIALOG, AGENCY, False, id="a dialog token of that party"),
        pytest.param(PLATFORM, OTHER_URN, True, id="a platform token of the organisation's"),
        pytest.param(PLATFORM, AGENCY, False, id="another owner's platform token"),
        pytest.param(PLATFORM_BESIDE_THE_AGENCY, AGENCY, False, id="a platform token wins over the bearer token"),
        pytest.param(PLATFORM_BESIDE_THE_AGENCY, OTHER_URN, True, id="and sends as its owner"),
        pytest.param(UNKNOWN_PLATFORM, AGENCY, False, id="a platform token of nobody's"),
        pytest.param(Caller(kind=IssuerKind.ALTINN), AGENCY, False, id="a token that names nobody"),
    ],
)
def test_an_owner_lets_another_organisation_send(
    resource: Resource, other_resource: Resource, caller: Caller, to: str, may: bool
) -> None:
    assert not can_send_for(caller, resource.owner, resource.pk)

    given(WRITE, to=to, on=resource)

    assert can_send_for(caller, resource.owner, resource.pk) is may
    assert not can_send_for(caller, resource.owner, "fjordby-skatt"), "another resource"


def test_a_right_without_a_resource_is_for_all_of_the_owners(resource: Resource, other_resource: Resource) -> None:
    given(WRITE, to=AGENCY)

    assert can_send_for(AGENCYS, resource.owner, resource.pk)
    assert can_send_for(AGENCYS, resource.owner, "fjordby-skatt")
    assert not can_send_for(AGENCYS, other_resource.owner, other_resource.pk), "not the giver's"


@pytest.mark.parametrize(
    ("right", "by", "to"),
    [
        pytest.param(READ, OWNER_URN, AGENCY, id="to read only"),
        pytest.param(WRITE, OTHER_URN, AGENCY, id="from another owner"),
        pytest.param(WRITE, AGENCY, OWNER_URN, id="the other way round"),
    ],
)
def test_what_was_given_otherwise_does_not_let_send(resource: Resource, right: Right, by: str, to: str) -> None:
    given(right, by=by, to=to)

    assert not can_send_for(AGENCYS, resource.owner, resource.pk)


def test_what_is_given_is_not_passed_on(resource: Resource, other_resource: Resource) -> None:
    given(WRITE, to=OTHER_URN)
    given(WRITE, by=OTHER_URN, to=AGENCY)

    assert not can_send_for(AGENCYS, resource.owner, resource.pk)


def test_whoever_was_given_a_right_to_send_sends_for_somebody(resource: Resource, other_resource: Resource) -> None:
    bearers = [AGENCYS, DIRECT, OLAS_AT_THE_AGENCY]
    assert not any(can_send_at_all(caller) for caller in bearers)
    given(READ, to=AGENCY)
    assert not any(can_send_at_all(caller) for caller in bearers)

    given(WRITE, to=AGENCY, on=resource)

    assert all(can_send_at_all(caller) for caller in bearers)
    assert not any(can_send_at_all(caller) for caller in (COMPANYS, KARIS, DIALOG, UNKNOWN_PLATFORM))


def test_an_owner_sends_for_itself(resource: Resource) -> None:
    for caller in (altinn(urn__altinn__orgNumber=OWNER), Caller(kind=IssuerKind.PLATFORM, owner_code="fjordby")):
        assert can_send_for(caller, resource.owner, resource.pk)
        assert can_send_at_all(caller)


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caller", "to", "may"),
    [
        pytest.param(KARIS, KARI, True, id="a person"),
        pytest.param(AGENCYS, AGENCY, True, id="an organisation"),
        pytest.param(DIRECT, AGENCY, True, id="an organisation's direct Maskinporten token"),
        pytest.param(OLAS_AT_THE_AGENCY, OLA, True, id="a person whose token names an organisation too"),
        pytest.param(OLAS_AT_THE_AGENCY, AGENCY, True, id="that organisation's right, by the person's token"),
        pytest.param(KARIS, OLA, False, id="somebody else"),
        pytest.param(DIALOG, AGENCY, False, id="a dialog token of that party"),
        pytest.param(DIALOG, KARI, False, id="a dialog token of that actor"),
        pytest.param(PLATFORM, OTHER_URN, False, id="a platform token alone"),
        pytest.param(PLATFORM_BESIDE_THE_AGENCY, OTHER_URN, False, id="a platform token adds nothing"),
        pytest.param(PLATFORM_BESIDE_THE_AGENCY, AGENCY, True, id="nor takes away what the bearer token may"),
        pytest.param(Caller(kind=IssuerKind.ALTINN), AGENCY, False, id="a token that names nobody"),
    ],
)
def test_a_recipient_lets_another_party_read(
    resource: Resource, other_resource: Resource, caller: Caller, to: str, may: bool
) -> None:
    assert not can_read_for(caller, COMPANY, resource.pk)

    given(READ, by=COMPANY, to=to, on=resource)

    assert can_read_for(caller, COMPANY, resource.pk) is may
    assert not can_read_for(caller, COMPANY, other_resource.pk), "another resource"
    assert not can_read_for(caller, "urn:altinn:person:identifier-no:10828497311", resource.pk), "another recipient"


def test_a_right_to_read_without_a_resource_is_for_all_post(resource: Resource) -> None:
    given(READ, by=COMPANY, to=KARI)

    assert can_read_for(KARIS, COMPANY, resource.pk)
    assert can_read_for(KARIS, COMPANY, "dalen-skatt")


def test_a_person_reads_the_post_of_the_organisation_in_its_token_only_by_a_right(resource: Resource) -> None:
    assert not can_read_for(OLAS_AT_THE_AGENCY, AGENCY, resource.pk)

    given(READ, by=AGENCY, to=OLA)

    assert can_read_for(OLAS_AT_THE_AGENCY, AGENCY, resource.pk)


def test_a_right_to_send_does_not_let_read(resource: Resource) -> None:
    given(WRITE, by=COMPANY, to=AGENCY)

    assert not can_read_for(AGENCYS, COMPANY, resource.pk)


def test_parties_that_are_known_by_name_give_and_are_given(resource: Resource) -> None:
    mail = "urn:altinn:person:idporten-email:Kari@Example.com"
    given(READ, by=mail, to=KARI)

    assert can_read_for(KARIS, mail.lower(), resource.pk)


# --- looking for -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caller", "party", "rights"),
    [
        pytest.param(AGENCYS, AGENCY, {READ, WRITE}, id="its organisation"),
        pytest.param(DIRECT, AGENCY, {READ, WRITE}, id="its organisation, by Maskinporten"),
        pytest.param(KARIS, KARI, {READ, WRITE}, id="the person itself"),
        pytest.param(OLAS_AT_THE_AGENCY, OLA, {READ, WRITE}, id="the person, with an organisation in its token"),
        pytest.param(OLAS_AT_THE_AGENCY, AGENCY, {WRITE}, id="that organisation, whose vendor's system it may be"),
        pytest.param(KARIS, OLA, set(), id="somebody else"),
        pytest.param(DIALOG, AGENCY, {READ}, id="a dialog token's party"),
        pytest.param(DIALOG, KARI, {READ}, id="a dialog token's actor"),
        pytest.param(DIALOG, COMPANY, set(), id="a dialog token and another party"),
        pytest.param(
            from_claims(IssuerKind.DIALOG, {"c": KARI, "p": AGENCY, "a": "sign"}), AGENCY, set(), id="without read"
        ),
        pytest.param(PLATFORM, OTHER_URN, {WRITE}, id="a platform token's owner: never its post"),
        pytest.param(PLATFORM, OWNER_URN, set(), id="a platform token and another owner"),
        pytest.param(PLATFORM_BESIDE_THE_AGENCY, AGENCY, {READ}, id="both tokens, the bearer's organisation"),
        pytest.param(PLATFORM_BESIDE_THE_AGENCY, OTHER_URN, {WRITE}, id="both tokens, the platform token's owner"),
        pytest.param(UNKNOWN_PLATFORM, OWNER_URN, set(), id="a platform token of nobody's"),
    ],
)
def test_a_caller_looks_on_behalf_of_itself(
    resource: Resource, other_resource: Resource, caller: Caller, party: str, rights: set[Right]
) -> None:
    assert rights_for(caller, party, RESOURCE) == rights


@pytest.mark.parametrize(
    ("caller", "to", "rights"),
    [
        pytest.param(AGENCYS, AGENCY, {READ, WRITE}, id="organisation"),
        pytest.param(DIRECT, AGENCY, {READ, WRITE}, id="organisation, by Maskinporten"),
        pytest.param(OLAS_AT_THE_AGENCY, AGENCY, {READ, WRITE}, id="person with the organisation in its token"),
        pytest.param(COMPANYS, AGENCY, set(), id="another organisation"),
        pytest.param(DIALOG, AGENCY, set(), id="dialog token"),
        pytest.param(PLATFORM, OTHER_URN, {WRITE}, id="platform token"),
        pytest.param(PLATFORM_BESIDE_THE_AGENCY, AGENCY, {READ}, id="both tokens, to the bearer's organisation"),
        pytest.param(PLATFORM_BESIDE_THE_AGENCY, OTHER_URN, {WRITE}, id="both tokens, to the platform token's owner"),
    ],
)
def test_a_caller_looks_on_behalf_of_whoever_gave_it_a_right(
    resource: Resource, other_resource: Resource, caller: Caller, to: str, rights: set[Right]
) -> None:
    for right in Right:
        given(right, to=to, on=resource)

    assert rights_for(caller, OWNER_URN, resource.pk) == rights
    assert rights_for(caller, OWNER_URN, other_resource.pk) == set()
    assert rights_for(caller, COMPANY if caller is not COMPANYS else KARI, resource.pk) == set(), "another party"


@pytest.mark.parametrize("right", Right)
def test_each_right_opens_its_own_half(resource: Resource, right: Right) -> None:
    given(right, to=AGENCY)

    assert rights_for(AGENCYS, OWNER_URN, resource.pk) == {right}


# --- what it costs ---------------------------------------------------------------------------------------------------


def test_who_acts_for_itself_costs_no_query(resource: Resource, django_assert_num_queries: Any) -> None:
    given(WRITE, to=AGENCY)
    owners = altinn(urn__altinn__orgNumber=OWNER)
    platform = Caller(kind=IssuerKind.PLATFORM, owner_code="fjordby")

    with django_assert_num_queries(0):
        assert can_send_for(owners, resource.owner, resource.pk)
        assert can_send_for(platform, resource.owner, resource.pk)
        assert not can_send_for(DIALOG, resource.owner, resource.pk)
        assert can_read_for(KARIS, KARI, resource.pk)
        assert can_read_for(DIALOG, AGENCY, resource.pk)
        assert not can_read_for(DIALOG, COMPANY, resource.pk)
        assert rights_for(AGENCYS, AGENCY, resource.pk)
        assert not rights_for(DIALOG, COMPANY, resource.pk)


@pytest.mark.parametrize("caller", [AGENCYS, KARIS, OLAS_AT_THE_AGENCY, PLATFORM, PLATFORM_BESIDE_THE_AGENCY])
def test_all_others_cost_one(
    resource: Resource, other_resource: Resource, caller: Caller, django_assert_num_queries: Any
) -> None:
    owner = ServiceOwner.objects.get(organization_number=OWNER)
    for number in range(20):
        given(WRITE, to=organization(number))
    with django_assert_num_queries(1):
        can_send_for(caller, owner, RESOURCE)
    with django_assert_num_queries(1):
        rights_for(caller, OWNER_URN, RESOURCE)
    with django_assert_num_queries(0 if caller is PLATFORM else 1):
        can_read_for(caller, COMPANY, RESOURCE)


def test_whether_a_caller_sends_at_all_costs_two_at_the_most(
    resource: Resource, django_assert_max_num_queries: Any
) -> None:
    for caller in (AGENCYS, PLATFORM, UNKNOWN_PLATFORM, DIALOG):
        with django_assert_max_num_queries(2):
            can_send_at_all(caller)


# --- giving and withdrawing ------------------------------------------------------------------------------------------


def test_giving_twice_is_giving_once(resource: Resource) -> None:
    forms = {"from_party": OWNER, "to_party": "0192:991825827", "right": READ, "resource_id": resource.pk}
    first, is_new = actions.delegate(**forms, by="kari", now=clock.now())
    second, is_new_again = actions.delegate(**{**forms, "from_party": OWNER_URN}, by="ola", now=clock.now())

    assert (is_new, is_new_again) == (True, False)
    assert second == first == Delegation.objects.get()
    assert (second.from_party, second.to_party, second.created_by) == (OWNER_URN, AGENCY, "kari")


@pytest.mark.django_db(transaction=True)
def test_giving_at_once_is_giving_once() -> None:
    forms = {"from_party": OWNER, "to_party": AGENCY, "right": READ, "resource_id": None}

    answers = at_once(4, lambda: actions.delegate(**forms, by="kari", now=clock.now())[1])  # type: ignore[arg-type]

    assert sorted(answers) == [False, False, False, True]
    assert Delegation.objects.count() == 1


def test_what_is_withdrawn_is_gone_at_once(resource: Resource) -> None:
    given(WRITE, to=AGENCY, on=resource)
    given(READ, by=COMPANY, to=KARI)

    assert withdrawn(WRITE, to=AGENCY, on=resource)
    assert withdrawn(READ, by=COMPANY, to=KARI)

    assert not can_send_for(AGENCYS, resource.owner, resource.pk)
    assert not can_read_for(KARIS, COMPANY, resource.pk)
    assert not withdrawn(WRITE, to=AGENCY, on=resource), "twice is harmless"


def test_withdrawing_touches_nothing_else(resource: Resource, other_resource: Resource) -> None:
    kept = [given(WRITE, to=AGENCY), given(READ, to=AGENCY, on=resource), given(WRITE, to=COMPANY, on=resource)]
    given(WRITE, to=AGENCY, on=resource)

    assert withdrawn(WRITE, to=AGENCY, on=resource)
    assert not withdrawn(READ, to=AGENCY, on=other_resource)

    assert list(Delegation.objects.all()) == kept
    assert can_send_for(AGENCYS, resource.owner, resource.pk), "the right to all resources stands"


@pytest.mark.parametrize(
    "terms",
    [
        pytest.param({"from_party": "31229520"}, id="no party"),
        pytest.param({"to_party": "01818517642"}, id="check digits"),
        pytest.param({"to_party": ""}, id="nobody"),
        pytest.param({"to_party": "urn:altinn:partyid:50001337"}, id="a form that no recipient has"),
        pytest.param({"to_party": f"0192:{OWNER}"}, id="itself"),
        pytest.param({"right": "sign"}, id="unknown right"),
        pytest.param({"resource_id": "nowhere"}, id="unknown resource"),
        pytest.param({"right": WRITE, "to_party": KARI}, id="a person sends"),
        pytest.param({"right": WRITE, "from_party": KARI}, id="sending for a person"),
        pytest.param({"to_party": f"urn:altinn:person:idporten-email:{'x' * 255}@example.com"}, id="too long"),
    ],
)
def test_what_makes_no_sense_is_not_given(terms: dict[str, Any]) -> None:
    sensible = {"from_party": OWNER_URN, "to_party": AGENCY, "right": READ, "resource_id": None}

    with pytest.raises(ValidationError) as refusal:
        actions.delegate(**{**sensible, **terms}, by="kari", now=clock.now())

    assert "0181851764" not in str(refusal.value)
    assert not Delegation.objects.exists()


def test_a_resource_does_not_go_while_rights_to_it_stand(resource: Resource) -> None:
    given(READ, to=AGENCY, on=resource)

    with pytest.raises(ProtectedError):
        resource.delete()


def test_its_name_in_lists_and_logs_of_the_back_office_holds_no_person_number(resource: Resource) -> None:
    assert str(given(READ, by=COMPANY, to=KARI, on=resource)) == (
        f"read for fjordby-byggesak, from {COMPANY} to urn:altinn:person:identifier-no:***********"
    )
    assert str(given(WRITE, to=AGENCY)) == f"write for every resource, from {OWNER_URN} to {AGENCY}"


# --- what the database holds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "constraint"),
    [
        ({"from_party": OWNER}, "delegation_is_from_a_urn"),
        ({"to_party": KARI[-11:]}, "delegation_is_to_a_urn"),
        ({"to_party": OWNER_URN}, "delegation_is_to_somebody_else"),
        ({"right": "sign"}, "delegation_right_is_known"),
    ],
)
def test_the_database_refuses(terms: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        Delegation.objects.create(**{**_row(), **terms})


@pytest.mark.parametrize("on_one", [True, False])
def test_the_database_keeps_a_right_once(resource: Resource, on_one: bool) -> None:
    row = _row(resource=resource if on_one else None)
    Delegation.objects.create(**row)
    for other in ({"right": WRITE}, {"to_party": COMPANY}, {"from_party": COMPANY}):
        Delegation.objects.create(**{**row, **other})
    Delegation.objects.create(**{**row, "resource": None if on_one else resource})

    with pytest.raises(IntegrityError, match="delegation_is_given_once"):
        Delegation.objects.create(**row)


def test_the_longest_parties_fit_into_the_index() -> None:
    rows = [{**_row(), "from_party": "urn:" + chr(0x1F600 + n) * 251, "to_party": "urn:" + "ø" * 251} for n in range(2)]
    for row in rows:
        Delegation.objects.create(**row)
    with pytest.raises(DataError), transaction.atomic():
        Delegation.objects.create(**{**_row(), "to_party": "urn:" + "x" * 252})

    assert Delegation.objects.count() == 2


def _row(**members: Any) -> dict[str, Any]:
    sensible = {"from_party": OWNER_URN, "to_party": AGENCY, "right": READ, "resource": None}
    return {**sensible, "created_at": clock.now(), "created_by": "kari", **members}
