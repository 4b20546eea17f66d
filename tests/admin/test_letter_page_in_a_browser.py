"""A letter's page in a real browser, under its policy: a number comes and goes, and no other host is asked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client as DjangoClient

from config.audit.models import AuditEntry
from registry.models import ServiceOwner
from tests.admin.test_letter_page import address, caseworker
from tests.browser import Browser, browser
from tests.clients import Client
from tests.letters import PERSON, letter
from tests.mail import sent

pytestmark = [
    pytest.mark.usefixtures("cheap_passwords", "plain_static_files"),
    pytest.mark.django_db(transaction=True),
]
NUMBER = PERSON.rpartition(":")[2]
SHOWN = "document.querySelector('#recipient-number').textContent"
BUTTON = "document.querySelector('form[data-reveal] button')"
HOSTILE = (
    "![x](https://elsewhere.example/x.png) <img src=https://elsewhere.example/y.png onerror=alert(1)> "
    "[Logg inn](https://elsewhere.example/) <script>document.title = 'ran'</script>"
)


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[Browser]:
    with browser(tmp_path / "profile") as opened:
        yield opened


def enter(chromium: Browser, site: str, client: DjangoClient) -> None:
    """With the session of somebody who is inside."""
    name = django_settings.SESSION_COOKIE_NAME
    chromium.ask("Network.setCookie", name=name, value=client.cookies[name].value, url=site)


@pytest.fixture
def opened(chromium: Browser, live_server: Any, sender: Client, owner: ServiceOwner) -> Browser:
    """The page of a letter whose body is a hostile one, as somebody sees it who may look at numbers."""
    [letter_id] = sent(sender, letter(PERSON, content__messageBody=HOSTILE))
    enter(chromium, live_server.url, caseworker("view_correspondence", "reveal_recipient", of=owner))
    chromium.open(live_server.url + address(letter_id))
    return chromium


def test_a_number_is_shown_on_asking_and_hidden_again(opened: Browser) -> None:
    assert opened.run(SHOWN) == "*" * 11

    opened.run(f"{BUTTON}.focus(); {BUTTON}.click()")
    assert opened.wait_for(f"{SHOWN} === '{NUMBER}'")
    assert opened.wait_for("document.activeElement.textContent === 'Hide the number'")
    assert AuditEntry.objects.count() == 1

    opened.run(f"{BUTTON}.click()")
    assert opened.run(SHOWN) == "*" * 11
    assert AuditEntry.objects.count() == 1  # to hide is not to look
    assert opened.complaints == []


def test_a_number_goes_by_itself_after_a_while(opened: Browser) -> None:
    opened.run(
        "window.seen = []; const output = document.querySelector('#recipient-number');"
        "new MutationObserver(() => seen.push(output.textContent)).observe(output, {childList: true});"
        "document.querySelector('form[data-reveal]').dataset.seconds = '0.2'"
    )
    opened.run(f"{BUTTON}.click()")

    assert opened.wait_for("seen.length === 2")
    assert opened.run("seen") == [NUMBER, "*" * 11]


def test_a_number_goes_when_the_page_is_left(opened: Browser) -> None:
    opened.run(f"{BUTTON}.click()")
    assert opened.wait_for(f"{SHOWN} === '{NUMBER}'")

    opened.run("window.dispatchEvent(new Event('pagehide'))")

    assert opened.run(SHOWN) == "*" * 11


def test_who_was_logged_out_meanwhile_is_told_so(opened: Browser) -> None:
    opened.ask("Network.clearBrowserCookies")

    opened.run(f"{BUTTON}.click()")

    assert opened.wait_for("!document.querySelector('.page-failed').hidden")
    assert "could not be shown" in opened.run("document.querySelector('.page-failed').textContent")
    assert opened.run(SHOWN) == "*" * 11


def test_nothing_that_a_sender_wrote_runs_or_is_fetched(opened: Browser, live_server: Any) -> None:
    fetched = opened.run("performance.getEntriesByType('resource').map(entry => new URL(entry.name).origin)")

    assert set(fetched) == {live_server.url}
    assert opened.run("document.querySelectorAll('.page-letter img, .page-letter script').length") == 0
    assert opened.run("document.title").startswith("Vedtak")
    assert opened.complaints == []  # not even the policy had to step in


@pytest.mark.parametrize("width", [375, 1280])
def test_a_page_is_no_wider_than_the_window(opened: Browser, width: int) -> None:
    opened.ask("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 400)

    assert opened.run("document.documentElement.scrollWidth") <= width
