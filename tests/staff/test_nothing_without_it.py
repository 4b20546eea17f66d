"""Where a second factor is required, a password opens no page of the back-office."""

from typing import Any

import pytest
from django.test import Client

from tests.admin.test_permissions import TABLE, stored
from tests.admin.walk import address, make_rows
from tests.clients import Client as ApiClient
from tests.staff.people import LOGIN, SECOND, SET_UP, log_in, person, set_up

pytestmark = [pytest.mark.usefixtures("cheap_passwords", "plain_static_files"), pytest.mark.django_db]
DOORS = {"login/", "logout/", "language/", "second-factor/", "second-factor/set-up/", "second-factor/recovery-codes/"}


def leads_to_the_login(answer: Any) -> bool:
    return bool(answer.status_code == 302 and answer["Location"].startswith(f"{LOGIN}?next="))


@pytest.mark.parametrize("has_one", [True, False], ids=["set up before", "never set up"])
def test_every_address_leads_to_the_login_and_from_there_to_the_second_factor(
    client: Client, sender: ApiClient, settings: Any, has_one: bool
) -> None:
    settings.ADMIN_SECOND_FACTOR = "required"
    make_rows(sender)
    person()
    log_in(client)
    if has_one:
        set_up(client)
        client.logout()
        log_in(client)
    before = stored()
    paths = [address(route) for route in set(TABLE) - DOORS]

    assert [path for path in paths if not leads_to_the_login(client.get(path))] == []
    assert [path for path in paths if not leads_to_the_login(client.post(path, {"post": "yes"}))] == []
    assert stored() == before
    assert client.get(LOGIN)["Location"].startswith(SECOND)
    assert client.get(SECOND).status_code == (200 if has_one else 302)
    assert client.get(SET_UP).status_code == (302 if has_one else 200)
