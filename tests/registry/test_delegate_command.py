"""`manage.py delegate`: rights are given, withdrawn and listed at a terminal."""

import json
import logging

import pytest
import structlog
from django.core.management import CommandError

from registry.models import Delegation, Resource
from registry.statuses import Right
from tests.commands import run
from tests.registry.delegations import AGENCY, given

pytestmark = pytest.mark.django_db
COMPANY = "urn:altinn:organization:identifier-no:314762290"
KARI = "urn:altinn:person:identifier-no:01818517641"
PERSON_NUMBER = "01818517641"
GIVE = ("delegate", "--from", "0192:314762290", "--to", PERSON_NUMBER, "--right", "read")


def rows() -> set[tuple[str, str, str, str | None, str]]:
    columns = ("from_party", "to_party", "right", "resource_id", "created_by")
    return set(Delegation.objects.values_list(*columns))


def test_a_right_is_given_once_however_often_it_is_said() -> None:
    first, second = run(*GIVE), run(*GIVE)

    assert rows() == {(COMPANY, KARI, "read", None, "command")}
    told = f"read for every resource, from {COMPANY} to urn:altinn:person:identifier-no:***********"
    assert (first, second) == (f"Given: {told}", f"Given already: {told}")


@pytest.mark.parametrize("resource_id", ["fjordby-byggesak", "urn:altinn:resource:fjordby-byggesak"])
def test_a_right_is_given_for_one_resource(resource: Resource, resource_id: str) -> None:
    run("delegate", "--from", "312295202", "--to", AGENCY, "--right", "write", "--resource", resource_id)

    owner = "urn:altinn:organization:identifier-no:312295202"
    assert rows() == {(owner, AGENCY, "write", "fjordby-byggesak", "command")}


def test_a_right_is_withdrawn_however_often_it_is_said(resource: Resource) -> None:
    run(*GIVE)
    run(*GIVE, "--resource", resource.pk)

    assert run(*GIVE, "--withdraw") == "Withdrawn."
    assert run(*GIVE, "--withdraw") == "There was no such right to withdraw."
    assert rows() == {(COMPANY, KARI, "read", resource.pk, "command")}
    assert run(*GIVE, "--withdraw", "--resource", resource.pk) == "Withdrawn."
    assert rows() == set()


def test_what_was_given_is_listed(resource: Resource) -> None:
    given(Right.WRITE, to=AGENCY, on=resource)
    given(Right.READ, by=COMPANY, to=KARI)

    everything = run("delegate", "--list").splitlines()

    assert [line.partition(", since ")[0] for line in everything] == [str(row) for row in Delegation.objects.all()]
    assert PERSON_NUMBER not in "".join(everything)
    for party, found in (
        (PERSON_NUMBER, everything[1:]),
        ("314762290", everything[1:]),
        ("0192:991825827", everything[:1]),
        ("0192:310635820", []),
    ):
        assert run("delegate", "--list", "--party", party).splitlines() == found, party


def test_what_was_done_is_logged_without_person_numbers(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    run(*GIVE)
    run(*GIVE, "--withdraw")
    run(*GIVE, "--withdraw")

    formatter = next(
        handler.formatter
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    )
    lines = [formatter.format(record) for record in caplog.records if record.name == "registry.actions"]
    assert [json.loads(line)["event"] for line in lines] == ["right_delegated", "right_withdrawn"]
    for line in map(json.loads, lines):
        assert (line["from_party"], line["to_party"]) == (COMPANY, "a person")


def test_a_right_to_every_resource_is_not_withdrawn_for_one(resource: Resource) -> None:
    run(*GIVE)

    said = run(*GIVE, "--withdraw", "--resource", resource.pk)
    assert said == "There is a right to every resource; it is withdrawn as a whole, without --resource."
    assert Delegation.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--to", "01818517642"), "--to: has a national identity number whose check digits do not fit"),
        (("--to", ""), "--to: This field cannot be blank."),
        (("--from", "31476229"), "--from: is a number of neither 11 digits nor 9 behind 0192:"),
        (("--to", "314762290"), "A party has every right that it could give to itself."),
        (("--resource", "nowhere"), "--resource: There is no resource nowhere."),
        (("--resource", ""), "--resource is empty; leave it out for every resource."),
        (("--right", "write"), "Only an organisation sends, and only for another one."),
        (("--party", "314762290"), "--party belongs to --list."),
        (("--list",), "--list takes --party and nothing else."),
    ],
)
@pytest.mark.parametrize("withdraw", [(), ("--withdraw",)], ids=["give", "withdraw"])
def test_what_makes_no_sense_is_refused_in_a_sentence(
    arguments: tuple[str, ...], told: str, withdraw: tuple[str, ...]
) -> None:
    if arguments == ("--list",) and withdraw:
        told = "not allowed with"
    with pytest.raises(CommandError) as refusal:
        run(*GIVE, *withdraw, *arguments)

    assert told in str(refusal.value)
    assert "0181851764" not in str(refusal.value)
    assert not Delegation.objects.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        GIVE[1:5],
        GIVE[3:],
        ("--right", "sign"),
        ("--withdraw",),
        ("--list", "--party", "1"),
        ("--list", "--withdraw"),
    ],
)
def test_half_a_command_does_nothing(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="--"):
        run("delegate", *arguments)

    assert not Delegation.objects.exists()
