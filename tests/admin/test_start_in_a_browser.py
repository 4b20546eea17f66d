"""The start page in a real browser: it keeps itself fresh, and disturbs nobody."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from config.kernel import clock, life_signs, queue
from config.kernel.life_signs import Sign
from correspondence import actions
from tests.browser import Browser, browser
from tests.clients import Client as ApiClient
from tests.letters import letter, organizations
from tests.mail import sent, work
from tests.staff.people import PASSWORD, person

pytestmark = [
    pytest.mark.usefixtures("cheap_passwords", "plain_static_files"),
    pytest.mark.django_db(transaction=True),
]
WAITING = "document.querySelector('#start-tile-waiting .start-value').textContent"
PUBLISHED = "document.querySelector('#start-tile-published .start-value').textContent"
STATE = "document.querySelector('[data-start=state]').textContent"
SAID = "document.querySelector('[data-start=said]').textContent"
REFRESH = "document.querySelector('[data-start=now]').click()"


@pytest.fixture
def inside(tmp_path: Path, live_server: Any, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Browser]:
    """Somebody has logged in, and looks at the start page, which refreshes each second."""
    monkeypatch.setattr("correspondence.admin.start.REFRESH_SECONDS", 1)
    settings.ADMIN_SECOND_FACTOR = "off"
    actions.sweep(now=clock.now())
    for sign in life_signs.seen(clock.now()):
        life_signs.withdraw(sign.name)
    person()
    with browser(tmp_path / "profile") as opened:
        opened.open(f"{live_server.url}/admin/")
        opened.submit(
            f"document.querySelector('#id_username').value = 'kari';"
            f"document.querySelector('#id_password').value = '{PASSWORD}';"
            f"document.querySelector('#login-form').submit()"
        )
        yield opened


def test_figures_change_by_themselves_and_nothing_else_moves(inside: Browser, sender: ApiClient) -> None:
    inside.run("document.querySelector('#start-days details').open = true")
    inside.run("document.querySelector('#start-tile-waiting').focus(); window.scrollTo(0, 120)")
    inside.run("window.was = document.activeElement; window.chart = document.querySelector('#start-minutes svg')")
    assert inside.run(WAITING) == "0"

    sent(sender, letter(*organizations(3)))
    assert inside.wait_for(f"{WAITING} === '3'")
    work()
    assert inside.wait_for(f"{PUBLISHED} === '3' && {WAITING} === '0'")

    assert inside.run("document.activeElement === window.was && window.scrollY === 120")
    assert inside.run("document.querySelector('#start-days details').open")
    assert inside.run("document.querySelector('#start-minutes svg') === window.chart")
    assert inside.run("document.querySelectorAll('#start-minutes .start-bar-of').length") == 1
    assert re.match(r"Figures of \d", inside.run(STATE))
    assert inside.run(SAID) == ""  # nothing that anybody must be told
    assert inside.complaints == []


def test_somebody_who_reads_can_hold_it_and_refresh_by_hand(inside: Browser, sender: ApiClient) -> None:
    inside.run("document.querySelector('[data-start=switch]').click()")
    sent(sender)

    assert inside.run(f"new Promise(done => setTimeout(() => done({WAITING}), 2500))") == "0"
    inside.run(REFRESH)
    assert inside.wait_for(f"{WAITING} === '1'")
    inside.submit("location.reload()")
    assert inside.run("document.querySelector('[data-start=switch]').getAttribute('aria-pressed')") == "false"


def test_who_is_logged_out_is_told_so_once_and_led_back(inside: Browser) -> None:
    Session.objects.all().delete()

    assert inside.wait_for(f"{STATE}.startsWith('You are logged out')")
    assert inside.run(SAID).startswith("You are logged out")
    link = "document.querySelector('[data-start=login]')"
    assert inside.run(f"!{link}.hidden && {link}.getAttribute('href')") == "/admin/login/?next=/admin/"


def test_a_refresh_that_fails_says_how_old_the_figures_are_and_goes_on(inside: Browser) -> None:
    inside.ask("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=-1, uploadThroughput=-1)
    assert inside.wait_for(f"{STATE}.startsWith('The last refresh failed. These are the figures of ')")
    assert inside.run(SAID).startswith("The last refresh failed.")

    inside.ask("Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1)
    assert inside.wait_for(f"{STATE}.startsWith('Figures of ')")
    assert inside.run(SAID) == "The page refreshes again."


def test_what_somebody_must_be_told_is_said_once(inside: Browser, sender: ApiClient) -> None:
    life_signs.give(Sign("celery@one", "worker", clock.now(), 1, queue.QUEUES))
    assert inside.wait_for(f"{SAID} === 'Mail is going out. Nothing is stuck.'")

    inside.run(
        "window.said = 0; new MutationObserver(all => window.said += all.length)"
        ".observe(document.querySelector('[data-start=said]'), {childList: true})"
    )
    life_signs.give(Sign("celery@one", "worker", clock.now() - timedelta(minutes=4), 1, queue.QUEUES))

    assert inside.wait_for(f"{SAID} === 'No worker seen for 3 minutes: nothing goes out.'")
    assert inside.run("new Promise(done => setTimeout(() => done(window.said), 2500))") == 1
    life_signs.withdraw("celery@one")
