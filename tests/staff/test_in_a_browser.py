"""The pages in a real browser, under their policy: they work, and the console has nothing to say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.admin.walk import make_rows
from tests.browser import Browser, browser
from tests.clients import Client as ApiClient
from tests.staff.people import PASSWORD, code, person

pytestmark = [
    pytest.mark.usefixtures("cheap_passwords", "plain_static_files"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[Browser]:
    with browser(tmp_path / "profile") as opened:
        yield opened


def log_in(chromium: Browser, site: str) -> None:
    chromium.open(f"{site}/admin/")
    chromium.submit(
        f"document.querySelector('#id_username').value = 'kari';"
        f"document.querySelector('#id_password').value = '{PASSWORD}';"
        f"document.querySelector('#login-form').submit()"
    )


def test_somebody_sets_up_a_second_factor_and_works(
    chromium: Browser, live_server: Any, sender: ApiClient, settings: Any
) -> None:
    settings.ADMIN_SECOND_FACTOR = "required"
    make_rows(sender)
    kari = person()
    log_in(chromium, live_server.url)

    assert chromium.run("document.querySelector('img').naturalWidth > 100")  # the QR code is drawn
    key = chromium.run("document.querySelector('code').textContent").replace(" ", "")
    chromium.submit(
        f"document.querySelector('#id_code').value = '{code(key)}';"
        f"document.querySelector('input[value=\"Set up\"]').click()"
    )
    assert chromium.run("document.querySelectorAll('li code').length") == 10

    for path in ("", "registry/resource/", "correspondence/correspondence/", "correspondence/pause/"):
        chromium.open(f"{live_server.url}/admin/{path}")
        assert chromium.run("document.title").endswith("Correspondence")
    # Pages whose scripts do something: choices that are fetched or moved, rows that are chosen.
    chromium.open(f"{live_server.url}/admin/registry/resource/add/")
    assert chromium.wait_for("document.querySelector('.select2-selection')?.className")
    chromium.open(f"{live_server.url}/admin/auth/user/{kari.pk}/change/")
    assert chromium.wait_for("document.querySelectorAll('.selector-available').length") == 2
    chromium.open(f"{live_server.url}/admin/recipients/party/")
    assert chromium.run(
        "document.querySelector('#action-toggle').click(); document.querySelectorAll('tr.selected').length"
    )

    assert chromium.complaints == []


def test_the_documentation_draws_itself_and_calls_the_service(chromium: Browser, live_server: Any) -> None:
    chromium.open(f"{live_server.url}/correspondence/api/v1/docs")

    assert chromium.wait_for("document.querySelectorAll('.opblock').length") > 10
    assert chromium.wait_for("document.querySelector('.info .title')?.textContent").startswith("Correspondence")
    assert chromium.complaints == []


def test_a_script_that_somebody_slips_in_does_not_run(chromium: Browser, live_server: Any) -> None:
    chromium.open(f"{live_server.url}/admin/login/")
    chromium.run(
        "const s = document.createElement('script'); s.textContent = 'window.ran = true';"
        "document.body.append(s); document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran=1\">')"
    )

    assert chromium.run("new Promise(done => setTimeout(() => done(window.ran === undefined), 500))")
    assert any("Content Security Policy" in complaint for complaint in chromium.complaints)
