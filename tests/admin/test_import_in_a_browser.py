"""A registrar imports a file with errors in a real browser: looks, leaves the bad lines out, and finds the history."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client as DjangoClient

from config.kernel import clock
from recipients import actions
from recipients.models import Party
from tests.browser import Browser, browser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("cheap_passwords", "plain_static_files")]
FILE = "identifier;name\n0192:314762290;BERG OG DAL AS\n0192:314762291;FEIL AS\n01818517641;KARI\n"


def enter(tab: Browser, address: str) -> None:
    """With the session of a superuser."""
    client = DjangoClient()
    client.force_login(get_user_model().objects.create_superuser("chief"))
    tab.ask("Network.setCookie", url=address, name="sessionid", value=client.cookies["sessionid"].value)


def choose(tab: Browser, file: Path) -> None:
    root = tab.ask("DOM.getDocument")["root"]["nodeId"]
    field = tab.ask("DOM.querySelector", nodeId=root, selector="input[type=file]")["nodeId"]
    tab.ask("DOM.setFileInputFiles", nodeId=field, files=[str(file)])


def texts(tab: Browser, selector: str) -> Any:
    return tab.run(f"[...document.querySelectorAll({json.dumps(selector)})].map(node => node.innerText.trim())")


def test_a_file_with_errors_is_looked_at_and_its_good_lines_imported(live_server: Any, tmp_path: Path) -> None:
    berg = actions.register_party(recipient="0192:314762290", name="BERG", now=clock.now())
    file = tmp_path / "parties.csv"
    file.write_text(FILE)
    with browser(tmp_path / "profile") as tab:
        enter(tab, live_server.url)
        tab.open(f"{live_server.url}/admin/recipients/party/")
        tab.submit("[...document.querySelectorAll('.object-tools a')].find(a => a.href.endsWith('/import/')).click()")
        choose(tab, file)
        tab.submit("document.querySelector('input[type=submit].default').click()")

        assert texts(tab, "[id^=count-]") == ["1", "1", "0", "1"]
        assert texts(tab, "#faults tbody th") == ["3"]
        assert Party.objects.get().name == "BERG"

        tab.run("document.querySelector('input[value=good-lines]').click()")
        tab.submit("document.querySelector('input[type=submit].default').click()")
        assert texts(tab, ".messagelist .success") == [
            "The file is imported: 1 added, 1 changed, 0 unchanged, 1 left out."
        ]

        tab.open(f"{live_server.url}/admin/recipients/party/{berg.pk}/history/")
        assert texts(tab, "tbody tr:first-child del") == ["BERG"]
        assert texts(tab, "tbody tr:first-child ins") == ["BERG OG DAL AS"]
        assert [each for each in tab.complaints if "favicon" not in each] == []
    assert Party.objects.count() == 2


def test_a_preview_fits_a_narrow_screen(live_server: Any, tmp_path: Path) -> None:
    file = tmp_path / "parties.csv"
    file.write_text(FILE)
    with browser(tmp_path / "profile") as tab:
        enter(tab, live_server.url)
        tab.ask("Emulation.setDeviceMetricsOverride", width=375, height=800, deviceScaleFactor=1, mobile=True)
        tab.open(f"{live_server.url}/admin/recipients/party/import/")
        choose(tab, file)
        tab.submit("document.querySelector('input[type=submit].default').click()")

        assert tab.run("document.documentElement.scrollWidth") <= 375
