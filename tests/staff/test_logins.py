"""What the audit log says of those who came in, who left, and who failed to."""

from typing import Any

import pytest
from django.test import Client

from config.audit.models import AuditEntry, Deed
from config.staff import logins
from tests.commands import run
from tests.staff.people import CODES, PASSWORD, SECOND, code, log_in, person, set_up

pytestmark = [pytest.mark.usefixtures("cheap_passwords", "plain_static_files"), pytest.mark.django_db]


def told(**wanted: Any) -> list[tuple[str, str, dict[str, Any]]]:
    entries = AuditEntry.objects.filter(**wanted).order_by("pk")
    return [(Deed(entry.deed).name, entry.by, entry.details) for entry in entries]


def test_a_login_and_a_logout_are_noted_with_the_address(client: Client) -> None:
    kari = person()
    log_in(client)
    client.post("/admin/logout/")

    here = {"address": "127.0.0.1"}
    assert told(target_type="auth.user", target_id=str(kari.pk)) == [
        ("LOGGED_IN", "kari", {"second_factor": False, **here}),
        ("LOGGED_OUT", "kari", here),
    ]


def test_with_a_second_factor_nobody_is_in_before_he_has_shown_it(client: Client) -> None:
    person()
    log_in(client)
    key, _ = set_up(client)
    before = AuditEntry.objects.count()
    client.logout()
    log_in(client)
    assert [name for name, _, _ in told()[before:]] == ["LOGGED_OUT"]

    client.post(SECOND, {"code": code(key, step=1)})

    assert told()[-1] == ("LOGGED_IN", "kari", {"second_factor": True, "address": "127.0.0.1"})


def test_who_must_set_one_up_is_in_when_he_has(client: Client, settings: Any) -> None:
    settings.ADMIN_SECOND_FACTOR = "required"
    person()
    log_in(client)
    assert told() == []

    set_up(client)
    client.post(CODES)

    assert [(name, details.get("second_factor") or details.get("recovery_codes")) for name, _, details in told()] == [
        ("CHANGED", "set up"),
        ("LOGGED_IN", True),
        ("CHANGED", "renewed"),
    ]


def test_of_a_guesser_the_first_failure_and_the_lock_out_are_noted(client: Client) -> None:
    kari = person()
    for _ in range(12):
        log_in(client, password="guess")

    assert [entry[2]["locked_out"] for entry in told(deed=Deed.LOGIN_FAILED, target_id=str(kari.pk))] == [False, True]
    assert told(by="kari") == told()


def test_a_wrong_code_is_a_failure_too(client: Client) -> None:
    person()
    log_in(client)
    set_up(client)
    client.logout()
    log_in(client)

    client.post(SECOND, {"code": "000000"})

    assert told()[-1] == ("LOGIN_FAILED", "kari", {"locked_out": False, "address": "127.0.0.1"})


def test_a_name_that_nobody_has_is_not_kept(client: Client) -> None:
    """It may be the password, typed into the wrong field."""
    for name in (PASSWORD, "01818517641", "nobody"):
        log_in(client, name, "guess")

    assert told() == [("LOGIN_FAILED", logins.UNKNOWN, {"locked_out": False, "address": "127.0.0.1"})]


def test_a_flood_of_failures_does_not_fill_the_log(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "MOST_FAILURES_IN_AN_HOUR", 5)
    for number in range(12):
        person(f"user{number}")
        log_in(client, f"user{number}", "guess")

    assert [by for _, by, _ in told()] == [f"user{number}" for number in range(5)]


def test_ones_own_new_password_is_noted_and_a_refused_one_is_not(client: Client) -> None:
    person()
    log_in(client)
    fresh = "staple battery horse correct"
    client.post("/admin/password_change/", {"old_password": "x", "new_password1": fresh, "new_password2": fresh})
    assert told(deed=Deed.CHANGED) == []

    client.post("/admin/password_change/", {"old_password": PASSWORD, "new_password1": fresh, "new_password2": fresh})

    assert told(deed=Deed.CHANGED) == [("CHANGED", "kari", {"fields": ["password"]})]


def test_an_operators_reset_is_noted_as_the_commands(client: Client) -> None:
    person()

    run("reset_second_factor", "kari")

    assert told() == [("CHANGED", "command", {"second_factor": "reset", "sessions_ended": 0})]


def test_a_lock_out_that_is_lifted_is_noted(client: Client) -> None:
    kari = person()
    person("ola")
    log_in(client)
    for _ in range(6):
        log_in(Client(), "ola", "guess")

    client.post("/admin/auth/user/", {"action": "lift_lockout", "_selected_action": [kari.pk + 1]})

    assert told()[-1] == ("CHANGED", "kari", {"lockout": "lifted", "places": 1})
