"""How long somebody stays in the back-office, and what a browser keeps of it."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.docs.variables import ROOT
from tests.staff.people import PASSWORD, is_inside, log_in, person
from tests.starting import start

pytestmark = [pytest.mark.usefixtures("cheap_passwords", "plain_static_files"), pytest.mark.django_db]
NO_STORE = "max-age=0, no-cache, no-store, must-revalidate, private"


@pytest.fixture
def inside(client: Client) -> Client:
    person()
    log_in(client)
    assert is_inside(client)
    return client


def passed(client: Client, seconds: int, *marks: str) -> None:
    """As if these marks of the session had been set so much earlier."""
    session = client.session
    for mark in marks:
        session[mark] -= seconds
    session.save()


def test_an_idle_session_ends_after_half_an_hour(inside: Client) -> None:
    passed(inside, 1790, "staff_seen_at")
    assert is_inside(inside)
    passed(inside, 1801, "staff_seen_at")

    assert inside.get("/admin/registry/resource/")["Location"] == "/admin/login/?next=/admin/registry/resource/"
    assert "_auth_user_id" not in inside.session


def test_who_goes_on_working_is_not_idle(inside: Client) -> None:
    for _ in range(3):
        passed(inside, 1200, "staff_seen_at")
        assert is_inside(inside)


def test_every_session_ends_after_twelve_hours(inside: Client) -> None:
    passed(inside, 12 * 3600 - 10, "staff_logged_in_at")
    assert is_inside(inside)
    passed(inside, 11, "staff_logged_in_at")

    assert not is_inside(inside)


def test_both_are_settings(inside: Client, settings: Any) -> None:
    settings.ADMIN_IDLE_SECONDS, settings.ADMIN_SESSION_SECONDS = 60, 7200
    passed(inside, 61, "staff_seen_at")
    assert not is_inside(inside)
    log_in(inside)
    passed(inside, 7201, "staff_logged_in_at")
    assert not is_inside(inside)


def test_a_session_from_before_these_rules_is_over(inside: Client) -> None:
    session = inside.session
    del session["staff_logged_in_at"]
    session.save()

    assert not is_inside(inside)


def test_a_login_makes_a_new_session(client: Client) -> None:
    person()
    client.get("/admin/login/")
    client.cookies["sessionid"] = "abcdefghijklmnopqrstuvwxyz012345"
    log_in(client)

    assert is_inside(client)
    assert client.session.session_key != "abcdefghijklmnopqrstuvwxyz012345"


def test_a_changed_password_ends_all_other_sessions(inside: Client) -> None:
    other = Client()
    log_in(other)
    before = inside.session.session_key
    fresh = "staple battery horse correct"

    changed = inside.post(
        "/admin/password_change/", {"old_password": PASSWORD, "new_password1": fresh, "new_password2": fresh}
    )

    assert changed.status_code == 302
    assert is_inside(inside)
    assert not is_inside(other)
    assert inside.session.session_key != before


@pytest.mark.parametrize("fact", ["is_active", "is_staff"])
def test_who_is_shut_out_is_out_at_once(inside: Client, fact: str) -> None:
    get_user_model().objects.update(**{fact: False})

    assert not is_inside(inside)


def test_logging_out_takes_a_post(inside: Client) -> None:
    assert inside.get("/admin/logout/").status_code == 405
    assert is_inside(inside)

    assert inside.post("/admin/logout/").status_code == 200
    assert not is_inside(inside)


def test_a_post_without_its_token_changes_nothing_and_says_why() -> None:
    person()
    careful = Client(enforce_csrf_checks=True)

    refused = log_in(careful)

    assert refused.status_code == 403
    assert "load the page again" in refused.content.decode()


def test_the_cookies_stay_with_the_browser_and_end_with_it(client: Client) -> None:
    person()
    cookies = {name: morsel for name, morsel in log_in(client).cookies.items() if name != "messages"}

    assert set(cookies) == {"sessionid", "csrftoken"}
    assert {(each["httponly"], each["samesite"], each["path"]) for each in cookies.values()} == {(True, "Lax", "/")}
    assert cookies["sessionid"]["max-age"] == ""


def test_in_production_they_travel_over_tls_only_and_belong_to_this_host_only() -> None:
    program = (
        "import json, config.settings as s; "
        "print(json.dumps([s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_SECURE]))"
    )
    variables = {"ENVIRONMENT": "production", "MALWARE_SCANNER": "none", "ALLOWED_HOSTS": "post.example.no"}
    told = subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, env={**os.environ, **variables})

    assert json.loads(told) == ["__Host-sessionid", True, "__Host-csrftoken", True]


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("ADMIN_SECOND_FACTOR", "sometimes", "ADMIN_SECOND_FACTOR is off, optional or required."),
        ("ADMIN_LOGIN_ATTEMPTS", "0", "ADMIN_IDLE_SECONDS are at least 1."),
        ("ADMIN_IDLE_SECONDS", "-1", "ADMIN_IDLE_SECONDS are at least 1."),
        ("ADMIN_LOGIN_NAMES", "-1", "ADMIN_LOGIN_NAMES is 0 or more."),
        ("PROXIES_IN_FRONT", "-1", "PROXIES_IN_FRONT is the number of proxies, 0 or more."),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_start(variable: str, value: str, said: str) -> None:
    assert start({variable: value}).endswith(said)


@pytest.mark.parametrize("path", ["", "login/", "registry/resource/", "jsi18n/", "nothing/", "second-factor/set-up/"])
def test_no_page_is_kept_by_a_browser_or_framed(inside: Client, path: str) -> None:
    answer = inside.get(f"/admin/{path}")

    assert answer["Cache-Control"] == NO_STORE
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
