"""The second factor: set up at the first login, asked for at each later one, and taken away by those who may."""

import re
import time
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.management import CommandError
from django.test import Client
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.admin.pages import page
from tests.commands import run
from tests.staff.people import CODES, SECOND, SET_UP, code, is_inside, log_in, offered, person, recovery_codes, set_up

pytestmark = [pytest.mark.usefixtures("cheap_passwords", "plain_static_files"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.ADMIN_SECOND_FACTOR = "required"


def answer(client: Client, text: str) -> Any:
    return client.post(SECOND, {"code": text, "next": "/admin/registry/resource/"})


@pytest.fixture
def kari(client: Client) -> Any:
    """Has a second factor, and is logged in with her password only."""
    user = person()
    log_in(client)
    user.key, user.recovery_codes = set_up(client)
    client.logout()
    log_in(client)
    return user


def test_who_has_none_is_led_to_set_it_up(client: Client) -> None:
    person()

    followed = client.post(
        "/admin/login/", {"username": "kari", "password": "correct horse battery staple"}, follow=True
    )

    assert followed.redirect_chain[-1] == (SET_UP, 302)
    assert "data:image/svg+xml;base64," in page(followed)
    assert not is_inside(client)


def test_a_code_of_the_app_puts_it_in_force_and_shows_ten_recovery_codes(client: Client) -> None:
    person()
    log_in(client)

    _, codes = set_up(client)

    assert len(set(codes)) == 10
    assert is_inside(client)
    assert "Recovery codes left: <strong>10<" in page(client.get(CODES))


def test_nothing_is_kept_before_that(client: Client) -> None:
    person()
    log_in(client)
    key, signed = offered(client.get(SET_UP))

    refused = client.post(SET_UP, {"key": signed, "code": code(key, step=7)})

    assert "That code is wrong" in page(refused)
    assert offered(refused)[0] == key  # it may be in the app by now
    assert not TOTPDevice.objects.exists()
    assert not is_inside(client)


@pytest.mark.parametrize("spoiled", ["", "nonsense", "of another"])
def test_a_key_that_was_not_offered_is_not_taken(client: Client, spoiled: str) -> None:
    person()
    person("ola")
    log_in(client)
    key, signed = offered(client.get(SET_UP))
    if spoiled == "of another":
        client.logout()
        log_in(client, "ola")
        spoiled = signed

    refused = client.post(SET_UP, {"key": spoiled, "code": code(key)})

    assert refused.status_code == 200
    assert offered(refused)[0] != key
    assert not TOTPDevice.objects.exists()


def test_a_key_is_set_up_once(client: Client) -> None:
    person()
    log_in(client)
    key, signed = offered(client.get(SET_UP))
    client.post(SET_UP, {"key": signed, "code": code(key)})

    again = client.post(SET_UP, {"key": signed, "code": code(key)})

    assert "can no longer be used" in page(again)
    assert TOTPDevice.objects.count() == 1


def test_a_later_login_asks_for_a_code_and_leads_on(client: Client, kari: Any) -> None:
    asked = client.get("/admin/registry/resource/", follow=True)
    assert asked.redirect_chain[-1][0] == f"{SECOND}?next=%2Fadmin%2Fregistry%2Fresource%2F"
    assert 'autocomplete="one-time-code"' in page(asked)

    let_in = answer(client, code(kari.key, step=1))

    assert let_in["Location"] == "/admin/registry/resource/"
    assert is_inside(client)


def test_a_code_with_blanks_is_read(client: Client, kari: Any) -> None:
    shown = code(kari.key, step=1)

    assert answer(client, f" {shown[:3]} {shown[3:]} ").status_code == 302


def test_it_leads_to_no_other_site(client: Client, kari: Any) -> None:
    let_in = client.post(SECOND, {"code": code(kari.key, step=1), "next": "https://elsewhere.example/"})

    assert let_in["Location"] == "/admin/"


def test_the_session_gets_a_new_key_at_each_step(client: Client, kari: Any) -> None:
    before = client.session.session_key
    answer(client, code(kari.key, step=1))

    assert client.session.session_key != before


def test_a_code_is_taken_once(client: Client, kari: Any) -> None:
    shown = code(kari.key, step=1)
    answer(client, shown)
    second = Client()
    log_in(second)

    assert "That code is wrong, or was used before" in page(answer(second, shown))
    assert not is_inside(second)


def test_codes_of_other_moments_are_refused(client: Client, kari: Any) -> None:
    for step in (-3, 5):
        TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        assert "That code is wrong" in page(answer(client, code(kari.key, step=step)))
    assert not is_inside(client)


def test_a_code_of_somebody_else_is_refused(client: Client, kari: Any) -> None:
    person("ola")
    other = Client()
    log_in(other, "ola")
    key, codes = set_up(other)

    assert "That code is wrong" in page(answer(client, code(key, step=1)))
    assert "That code is wrong" in page(answer(client, codes[0]))


def test_a_recovery_code_does_once(client: Client, kari: Any) -> None:
    assert answer(client, kari.recovery_codes[0].upper()).status_code == 302
    assert is_inside(client)
    second = Client()
    log_in(second)

    assert "That code is wrong" in page(answer(second, kari.recovery_codes[0]))
    assert StaticToken.objects.count() == 9


def test_new_recovery_codes_make_the_old_ones_void(client: Client, kari: Any) -> None:
    answer(client, code(kari.key, step=1))
    fresh = recovery_codes(client.post(CODES))
    second = Client()
    log_in(second)

    assert "That code is wrong" in page(answer(second, kari.recovery_codes[0]))
    assert len(set(fresh)) == 10


def test_recovery_codes_are_made_by_who_has_passed_only(client: Client, kari: Any) -> None:
    before = set(StaticToken.objects.values_list("token", flat=True))

    assert client.post(CODES)["Location"] == SECOND
    assert set(StaticToken.objects.values_list("token", flat=True)) == before


def test_wrong_codes_are_slowed_down(client: Client, kari: Any) -> None:
    answer(client, "000000")

    refused = answer(client, code(kari.key, step=1))  # even the right one, at once

    assert "Too many wrong codes" in page(refused)
    assert not is_inside(client)
    time.sleep(1.1)
    assert answer(client, code(kari.key, step=1)).status_code == 302


def test_wrong_codes_lock_out_as_wrong_passwords_do(client: Client, kari: Any) -> None:
    answers = [answer(client, "000000").status_code for _ in range(6)]

    assert answers == [200, 200, 200, 200, 429, 429]
    assert log_in(Client()).status_code == 429


def test_the_right_password_does_not_make_room_for_more_guesses(client: Client, kari: Any) -> None:
    for _ in range(4):
        answer(client, "000000")
        assert log_in(client).status_code == 302

    assert answer(client, "000000").status_code == 429


def test_another_telephone_takes_the_place_of_the_first(client: Client, kari: Any) -> None:
    answer(client, code(kari.key, step=1))
    key, _ = set_up(client)

    assert key != kari.key
    assert TOTPDevice.objects.count() == 1
    client.logout()
    log_in(client)
    assert "That code is wrong" in page(answer(client, code(kari.key, step=2)))


def test_nobody_sets_up_another_with_the_password_alone(client: Client, kari: Any) -> None:
    assert client.get(SET_UP)["Location"] == SECOND
    assert client.post(SET_UP, {"key": "x", "code": "000000"})["Location"] == SECOND
    assert TOTPDevice.objects.count() == 1


def test_an_administrator_resets_it(client: Client, kari: Any, settings: Any) -> None:
    settings.ADMIN_SECOND_FACTOR = "optional"
    answer(client, code(kari.key, step=1))
    chief, boss = Client(), person("chief")
    log_in(chief, "chief")

    done = chief.post(
        "/admin/auth/user/", {"action": "reset_second_factor", "_selected_action": [kari.pk]}, follow=True
    )

    assert "the second factor is gone" in page(done)
    assert not TOTPDevice.objects.exists()
    assert not StaticToken.objects.exists()
    assert "_auth_user_id" not in client.session
    assert LogEntry.objects.get().change_message == "Second factor reset."
    assert LogEntry.objects.get().user_id == boss.pk


def test_only_a_superuser_resets_that_of_a_superuser(client: Client, kari: Any, settings: Any) -> None:
    settings.ADMIN_SECOND_FACTOR = "optional"
    clerk = person("clerk", is_superuser=False)
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    other = Client()
    log_in(other, "clerk")

    done = other.post(
        "/admin/auth/user/", {"action": "reset_second_factor", "_selected_action": [kari.pk]}, follow=True
    )

    assert "only a superuser may do this" in page(done)
    assert TOTPDevice.objects.count() == 1


def test_a_command_resets_it(client: Client, kari: Any) -> None:
    assert run("reset_second_factor", "kari") == "kari has no second factor any more; sessions ended: 1."
    assert not TOTPDevice.objects.exists()


def test_the_command_says_who_is_not_there() -> None:
    with pytest.raises(CommandError, match=r"There is no user ola\."):
        run("reset_second_factor", "ola")


def test_where_it_is_optional_only_those_are_asked_who_have_set_it_up(client: Client, kari: Any, settings: Any) -> None:
    settings.ADMIN_SECOND_FACTOR = "optional"
    person("ola")
    other = Client()
    log_in(other, "ola")

    assert is_inside(other)
    assert not is_inside(client)


def test_where_it_is_off_nobody_is_asked_or_offered(client: Client, kari: Any, settings: Any) -> None:
    settings.ADMIN_SECOND_FACTOR = "off"

    assert "second-factor" not in page(client.get("/admin/"))
    assert {client.get(path).status_code for path in (SECOND, SET_UP, CODES)} == {404}


def test_keys_and_codes_are_on_no_page_of_the_back_office(client: Client, kari: Any) -> None:
    answer(client, code(kari.key, step=1))

    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404
    assert client.get("/admin/otp_static/staticdevice/").status_code == 404
    assert "authenticator app, and 10 recovery codes" in page(client.get(f"/admin/auth/user/{kari.pk}/change/"))


def test_errors_are_tied_to_their_field(client: Client, kari: Any) -> None:
    text = page(answer(client, "000000"))

    assert "<title>Error: Your second factor" in text
    assert 'role="alert"' in text
    assert re.search(r'<input[^>]*name="code"[^>]*aria-invalid="true"', text)
    assert 'for="id_code"' in text


def test_who_has_shown_a_password_only_may_leave(client: Client, kari: Any) -> None:
    assert client.get("/admin/logout/").status_code == 405
    assert client.post("/admin/logout/").status_code == 200
    assert "_auth_user_id" not in client.session


def test_no_menu_is_shown_before(client: Client, kari: Any) -> None:
    assert "/admin/registry/" not in page(client.get(SECOND)).replace("next", "")
