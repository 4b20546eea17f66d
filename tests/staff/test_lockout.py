"""Whoever guesses passwords is locked out, and nobody else."""

from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client

from config.kernel import clock
from config.kernel.transfers import logins
from config.staff import tasks
from tests.commands import run
from tests.staff.people import is_inside, log_in, person

pytestmark = [pytest.mark.usefixtures("cheap_passwords", "plain_static_files"), pytest.mark.django_db]
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}


def fail(client: Client, times: int = 5, name: str = "kari", **headers: Any) -> Any:
    answers = [log_in(client, name, "guess", **headers) for _ in range(times)]
    assert {answer.status_code for answer in answers[:-1]} <= {200}
    return answers[-1]


def test_the_fifth_failure_locks_out_and_says_for_how_long(client: Client) -> None:
    person()

    answer = fail(client)

    assert answer.status_code == 429
    assert "15 minutes" in answer.content.decode()
    assert answer["Retry-After"] in {"899", "900"}
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_four_failures_do_not(client: Client) -> None:
    person()
    fail(client, 4)

    assert log_in(client).status_code == 302
    assert is_inside(client)


def test_the_right_password_does_not_help_then(client: Client) -> None:
    person()
    fail(client)

    assert log_in(client).status_code == 429
    assert not is_inside(client)


def test_an_unknown_name_is_answered_like_a_known_one(client: Client) -> None:
    person()
    person("clerk", is_staff=False)
    person("gone", is_active=False)

    def answers(name: str, password: str) -> list[tuple[int, str]]:
        given = [log_in(Client(), name, password) for _ in range(6)]
        return [(answer.status_code, answer.content.decode().split("<form")[0].replace(name, "")) for answer in given]

    known = answers("kari", "guess")
    assert [status for status, _ in known] == [200] * 4 + [429] * 2
    assert answers("nobody", "guess") == known
    assert answers("clerk", "correct horse battery staple") == known  # not staff, and the right password
    assert answers("gone", "correct horse battery staple") == known


def test_the_same_name_from_elsewhere_gets_in(client: Client) -> None:
    person()
    fail(client)

    assert log_in(Client(), **ELSEWHERE).status_code == 302


def test_another_name_from_the_same_address_gets_in(client: Client) -> None:
    person()
    person("ola")
    fail(client)

    assert log_in(Client(), "ola").status_code == 302


def test_another_browser_does_not_help(client: Client) -> None:
    person()
    fail(client, 4, HTTP_USER_AGENT="one")

    assert log_in(Client(), password="guess", HTTP_USER_AGENT="another").status_code == 429


def test_a_login_forgives_the_failures_before_it(client: Client) -> None:
    person()
    fail(client, 4)
    log_in(client)

    assert fail(Client(), 4).status_code == 200


def test_knocking_on_does_not_lengthen_the_lock_out(client: Client) -> None:
    person()
    fail(client)
    AccessAttempt.objects.update(attempt_time=clock.now() - timedelta(seconds=600))

    assert int(log_in(client)["Retry-After"]) <= 300


def test_it_ends_by_itself(client: Client) -> None:
    person()
    fail(client)
    AccessAttempt.objects.update(attempt_time=clock.now() - timedelta(seconds=901))

    assert log_in(client).status_code == 302


def test_number_and_pause_are_settings(client: Client, settings: Any) -> None:
    person()
    settings.AXES_FAILURE_LIMIT = settings.ADMIN_LOGIN_ATTEMPTS = 2
    settings.ADMIN_LOCKOUT_SECONDS = 60

    answer = fail(client, 2)

    assert answer.status_code == 429
    assert "1 minute<" in answer.content.decode()


def test_a_command_lifts_it(client: Client) -> None:
    person()
    fail(client)

    assert run("axes_reset_username", "kari") == "1 attempts removed."
    assert log_in(client).status_code == 302


def test_an_administrator_lifts_it(client: Client, admin_client: Client) -> None:
    user = person()
    fail(client)

    admin_client.post("/admin/auth/user/", {"action": "lift_lockout", "_selected_action": [user.pk]})

    assert log_in(client).status_code == 302


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted"),
    [
        (0, "198.51.100.1", "127.0.0.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.9, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (1, "198.51.100.1:4711", "198.51.100.1"),
        (1, "[2001:db8::1]:4711", "2001:db8::"),  # its network
        (1, "2001:db8::1", "2001:db8::"),
        (2, "198.51.100.1", "127.0.0.1"),
        (1, "unknown", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_the_address_is_believed_from_as_many_proxies_as_there_are(
    client: Client, settings: Any, proxies: int, forwarded: str, counted: str
) -> None:
    settings.PROXIES_IN_FRONT = proxies
    log_in(client, "kari", "guess", HTTP_X_FORWARDED_FOR=forwarded)

    assert AccessAttempt.objects.get().ip_address == counted


def test_nobody_escapes_by_writing_the_header_himself(client: Client, settings: Any) -> None:
    settings.PROXIES_IN_FRONT = 1
    for number in range(4):
        log_in(Client(), "kari", "guess", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}, 198.51.100.1")

    answer = log_in(Client(), "kari", "guess", HTTP_X_FORWARDED_FOR="203.0.113.200, 198.51.100.1")
    assert answer.status_code == 429


@pytest.mark.parametrize(
    ("one", "other", "status"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", 429),  # one customer's network
        ("2001:db8:0:1::1", "2001:db8:0:2::1", 200),
        ("::ffff:198.51.100.1", "198.51.100.1", 429),
        ("::ffff:198.51.100.1", "::ffff:198.51.100.2", 200),
        ("fe80::1%eth0", "fe80::1%eth0", 429),
    ],
)
def test_nobody_escapes_by_another_address_of_his_network(one: str, other: str, status: int) -> None:
    person()
    fail(Client(), 4, REMOTE_ADDR=one)

    assert log_in(Client(), password="guess", REMOTE_ADDR=other).status_code == status


def test_who_is_inside_is_locked_out_as_well(client: Client) -> None:
    """Or whoever finds the browser open could try passwords without an end."""
    person()
    log_in(client)

    assert fail(client).status_code == 429
    assert log_in(Client()).status_code == 429
    assert is_inside(client)


@pytest.fixture
def three_names(settings: Any) -> None:
    """So many may fail from the address that one proxy tells."""
    settings.PROXIES_IN_FRONT, settings.ADMIN_LOGIN_NAMES = 1, 3


FROM = {"HTTP_X_FORWARDED_FOR": "198.51.100.1"}


def spray(*names: str, **headers: Any) -> None:
    for name in names:
        assert log_in(Client(), name, "Sommer2026!!", **{**FROM, **headers}).status_code == 200


@pytest.mark.usefixtures("three_names")
def test_one_password_on_many_names_shuts_the_address_out() -> None:
    person()
    spray("ola", "per", "nobody")

    answer = log_in(Client(), **FROM)

    assert answer.status_code == 429
    assert answer["Retry-After"] in {"899", "900"}
    assert "different user names" in answer.content.decode()
    assert log_in(Client(), HTTP_X_FORWARDED_FOR="198.51.100.2").status_code == 302


@pytest.mark.usefixtures("three_names")
def test_it_ends_as_soon_as_there_are_fewer_names(caplog: pytest.LogCaptureFixture) -> None:
    person()
    spray("ola", "per", "nobody")
    AccessAttempt.objects.filter(username="ola").update(attempt_time=clock.now() - timedelta(seconds=800))

    assert int(log_in(Client(), **FROM)["Retry-After"]) <= 100
    assert "198.51.100.1" in caplog.text

    AccessAttempt.objects.filter(username="ola").update(attempt_time=clock.now() - timedelta(seconds=901))

    assert log_in(Client(), **FROM).status_code == 302


@pytest.mark.usefixtures("three_names")
def test_those_who_get_in_in_the_end_are_not_counted() -> None:
    for name in ("kari", "ola", "per"):
        person(name)
        spray(name)
        assert log_in(Client(), name, **FROM).status_code == 302

    assert log_in(Client(), **FROM).status_code == 302


@pytest.mark.usefixtures("three_names")
def test_a_command_opens_the_address_again() -> None:
    person()
    spray("ola", "per", "nobody")

    assert run("axes_reset_ip", "198.51.100.1") == "3 attempts removed."
    assert log_in(Client(), **FROM).status_code == 302


@pytest.mark.usefixtures("three_names")
@pytest.mark.parametrize("unset", ["PROXIES_IN_FRONT", "ADMIN_LOGIN_NAMES"])
def test_an_address_that_may_be_everybodys_is_not_shut_out(settings: Any, unset: str) -> None:
    setattr(settings, unset, 0)
    person()
    spray("ola", "per", "nobody")

    assert log_in(Client(), **FROM).status_code == 302


def test_no_more_passwords_are_checked_at_once_than_leave_room_for_others(client: Client) -> None:
    """Each takes a processor for a while: sixty guesses at once left no connection for any letter."""
    person()
    for _ in range(40):  # what failed, and what was let in, gives its slot back
        log_in(Client(), password="guess", REMOTE_ADDR="192.0.2.8")
    with ExitStack() as busy:
        for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.2"):
            busy.enter_context(logins.taken(address))

        refused = log_in(client)

    assert refused.status_code == 503
    assert refused["Retry-After"] == "5"
    assert "Try again in a moment" in refused.content.decode()
    assert not is_inside(client)
    assert not AccessAttempt.objects.filter(ip_address="127.0.0.1").exists()
    assert log_in(client).status_code == 302


def test_one_address_leaves_room_for_logins_from_others() -> None:
    person()
    with logins.taken("192.0.2.7"), logins.taken("192.0.2.7"):
        assert log_in(Client(), **ELSEWHERE).status_code == 503
        assert log_in(Client()).status_code == 302


def test_what_was_typed_is_not_kept_but_for_the_name(client: Client) -> None:
    client.post(
        "/admin/login/?next=/admin/%3Fq=01818517641", {"username": "kari", "password": "hemmelig", "code": "123456"}
    )

    row = AccessAttempt.objects.get()
    assert "hemmelig" not in row.post_data
    assert "123456" not in row.post_data
    assert "01818517641" not in row.get_data + row.post_data


def test_names_addresses_and_old_sessions_are_removed_when_they_are_of_no_use(client: Client) -> None:
    person()
    log_in(client, password="guess")
    log_in(client, "ola", "guess")
    log_in(client)
    AccessAttempt.objects.filter(username="ola").update(attempt_time=clock.now() - timedelta(seconds=901))
    log_in(Client(), "per", "guess")
    AccessAttempt.objects.filter(username="per").update(attempt_time=clock.now() - timedelta(seconds=899))
    log_in(Client())
    Session.objects.filter(pk=client.session.session_key).update(expire_date=clock.now() - timedelta(seconds=1))

    tasks.tidy()

    assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["per"]
    assert Session.objects.count() == 1


def test_a_lock_out_is_logged_and_a_password_is_not(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    person()
    caplog.set_level("INFO")
    fail(client)

    assert "staff_locked_out" in caplog.text
    assert "guess" not in caplog.text


def test_without_a_database_the_login_says_so(client: Client, db: None, settings: Any) -> None:
    client.raise_request_exception = False
    with connection.execute_wrapper(_gone):
        answers = [log_in(client), client.get("/admin/", headers={"cookie": "sessionid=abcdefgh"})]

    for answer in answers:
        assert answer.status_code == 503
        assert answer["Retry-After"] == "5"
        assert "database cannot be reached" in answer.content.decode()


def _gone(*args: Any) -> None:
    raise OperationalError("the server closed the connection")
