"""The first page of the back-office, of a service that runs: its workers are seen, and what they publish is counted."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import requests

from tests.acceptance.rig import Rig, killed
from tests.acceptance.sender import Sender, new_reference
from tests.acceptance.service import Service
from tests.acceptance.waiting import until

pytestmark = pytest.mark.e2e


def figures_of(service: Service) -> Callable[[], str]:
    """What the page asks for by itself, for an administrator who has logged in."""
    http = requests.Session()
    login = f"{service.base_url}/admin/login/"
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', http.get(login, timeout=10).text)
    assert token
    password = (service.run_dir / "admin-password").read_text().strip()
    form = {"username": "admin", "password": password, "csrfmiddlewaretoken": token[1], "next": "/admin/"}
    assert http.post(login, form, headers={"Referer": login}, timeout=10).status_code == 200
    return lambda: http.get(f"{service.base_url}/admin/figures/", timeout=10).text


def published(figures: str) -> int:
    found = re.search(r'id="start-tile-published">.*?<span class="start-value">([\d,]+)<', figures, re.DOTALL)
    assert found
    return int(found[1].replace(",", ""))


def is_well(figures: str) -> bool:
    return "No worker" not in figures and "sweep ran" in figures and "celery@" in figures and "beat@" in figures


def test_workers_are_seen_again_after_the_broker_was_away_and_letters_are_counted(rig: Rig, rig_sender: Sender) -> None:
    figures = figures_of(rig.service)
    until(lambda: is_well(figures()))

    with killed(rig.valkey):
        assert "The broker does not answer" in figures()
    until(lambda: is_well(figures()), seconds=60)

    before = published(figures())
    rig_sender.send(rig_sender.letter(new_reference()))
    until(lambda: published(figures()) == before + 1)
