"""The commands that senders and operators use."""

from typing import Any

import jwt
import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError

from registry.models import Resource, ServiceOwner
from tests.clients import Client, problem
from tests.commands import run
from tests.letters import letter
from tests.starting import manage

WRITE = "altinn:correspondence.write"


def claims(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def test_an_organisations_token_sends(resource: Resource) -> None:
    token = run("token", "--org", "312295202")

    assert Client(token).post(letter()).status_code == 200
    assert claims(token)["urn:altinn:orgNumber"] == "312295202"
    assert claims(token)["consumer"] == {"authority": "iso6523-actorid-upis", "ID": "0192:312295202"}
    assert claims(token)["scope"] == WRITE
    assert claims(token)["exp"] - claims(token)["iat"] == 3600


def test_a_persons_token_reads(resource: Resource) -> None:
    token = run("token", "--person", "01818517641")

    assert claims(token)["pid"] == "01818517641"
    assert claims(token)["scope"] == "altinn:correspondence.read"


def test_any_scopes_can_be_asked_for(resource: Resource) -> None:
    assert claims(run("token", "--org", "312295202", "--scope", "a b"))["scope"] == "a b"
    assert claims(run("token", "--org", "312295202", "--scope", ""))["scope"] == ""


def test_a_negative_lifetime_makes_an_expired_token(resource: Resource) -> None:
    assert problem(Client(run("token", "--org", "312295202", "--expires-in", "-1")).post(letter())) == (401, None)


def test_a_platform_token_sends_for_the_owner_with_the_code(resource: Resource) -> None:
    token = run("token", "--platform", "fjordby")

    assert Client(PlatformAccessToken=token).post(letter()).status_code == 200
    assert claims(token)["iss"] == "fjordby"


@pytest.mark.parametrize(
    "arguments", [["--org", "31229520"], ["--person", "x"], [], ["--org", "312295202", "--platform", "x"]]
)
def test_token_refuses_what_is_no_number(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run("token", *arguments)


def test_token_is_refused_where_the_development_issuer_is_not_enabled(settings: Any) -> None:
    settings.DEVELOPMENT_ISSUER_ENABLED = False

    with pytest.raises(CommandError, match="development"):
        run("token", "--org", "312295202")


@pytest.mark.django_db
def test_registering_a_resource_makes_its_owner_too() -> None:
    run(
        "register_resource", "urn:altinn:resource:my-letters", "--owner", "991825827", "--owner-name", "Us",
        "--owner-code", "us", "--title", "Letters", "--type", "AltinnApp",
    )  # fmt: skip

    resource = Resource.objects.get(pk="my-letters")
    assert (resource.title, resource.type) == ("Letters", "AltinnApp")
    assert (resource.owner.organization_number, resource.owner.name, resource.owner.code) == ("991825827", "Us", "us")


@pytest.mark.django_db
def test_registering_again_changes_only_what_is_given() -> None:
    run("register_resource", "my-letters", "--owner", "991825827", "--owner-name", "Us", "--title", "Letters")
    run("register_resource", "my-letters", "--owner", "991825827")
    run("register_resource", "my-letters", "--owner", "991825827", "--owner-code", "us")

    assert Resource.objects.get().title == "Letters"
    assert (ServiceOwner.objects.get().name, ServiceOwner.objects.get().code) == ("Us", "us")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "arguments",
    [
        ["a:b", "--owner", "991825827"],
        ["a", "--owner", "99182582"],
        ["", "--owner", "991825827"],
    ],
)
def test_registering_refuses_what_can_not_be(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run("register_resource", *arguments)

    assert not ServiceOwner.objects.exists()


@pytest.mark.django_db
def test_the_demo_can_be_loaded_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_PASSWORD", "correct horse battery")
    run("load_demo")
    run("load_demo")

    assert set(Resource.objects.values_list("pk", "owner__code")) == {
        ("demo-correspondence", "ttd"),
        ("fjordby-byggesak", "fjordby"),
    }
    assert get_user_model().objects.get().check_password("correct horse battery")


@pytest.mark.django_db
def test_the_demo_is_for_development_only(settings: Any) -> None:
    settings.DEVELOPMENT = False

    with pytest.raises(CommandError, match="development"):
        run("load_demo")


def test_a_resource_that_changes_hands_says_who_can_send_no_longer(resource: Resource) -> None:
    said = run("register_resource", resource.pk, "--owner", "310635820", "--owner-name", "Dalen kommune")

    assert "belongs to Dalen kommune (310635820)" in said
    assert "Until now it was of Fjordby kommune (312295202)" in said
    assert "Until now" not in run("register_resource", resource.pk, "--owner", "310635820")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "The database is away"),
        ({"KEEP_HISTORY_DAYS": "ever"}, "KEEP_HISTORY_DAYS"),
    ],
)
def test_what_the_surroundings_are_at_fault_for_is_said_in_a_sentence(variables: dict[str, str], said: str) -> None:
    done = manage(variables, "delegate", "--list")

    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback" in manage(variables, "delegate", "--list", "--traceback").stderr
