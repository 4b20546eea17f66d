"""No page runs a script that stands in it, and browsers are told so."""

from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from config.kernel.content_policy import PAGES
from tests.admin.test_permissions import TABLE
from tests.admin.walk import address, make_rows
from tests.clients import Client as ApiClient
from tests.files import CONTENT, body, uploaded
from tests.letters import letter

pytestmark = [pytest.mark.usefixtures("cheap_passwords", "plain_static_files"), pytest.mark.django_db]
PAGE_POLICY = {f"{name} {' '.join(sources)}" for name, sources in PAGES.items()}
DATA_POLICY = {"default-src 'none'", "frame-ancestors 'none'"}
DOCS = "/correspondence/api/v1/docs"


class Scripts(HTMLParser):
    """Gathers what a browser would run because it stands in the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "script" and "src" not in values and values.get("type") != "application/json":
            self.found.append(self.get_starttag_text() or tag)
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}={value}")


def policy(answer: Any) -> set[str]:
    return set(answer["Content-Security-Policy"].split("; "))


def test_the_policy_of_pages_lets_scripts_come_from_here_only() -> None:
    assert "script-src 'self'" in PAGE_POLICY
    assert {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"} < PAGE_POLICY
    assert "unsafe-eval" not in str(PAGE_POLICY)


def test_no_page_of_the_back_office_holds_a_script(admin_client: Client, sender: ApiClient) -> None:
    make_rows(sender)
    seen, wrong = 0, {}
    for route in sorted(set(TABLE) - {"attachments/attachment/<uuid:pk>/download/"}):
        answer = admin_client.get(address(route))
        if policy(answer) != PAGE_POLICY:
            wrong[route] = policy(answer)
        if answer["Content-Type"].startswith("text/html") and answer.content:
            seen += 1
            if found := Scripts(answer.content.decode()).found:
                wrong[f"scripts in {route}"] = set(found)

    assert wrong == {}
    assert seen > 50


def test_a_script_in_a_page_would_be_found() -> None:
    text = '<script>1</script><a href=" JavaScript:1">x</a><p onclick="1"><script src="/x.js"></script>'

    assert Scripts(text).found == ["<script>", "a href= JavaScript:1", "p onclick=1"]


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/second-factor/", DOCS])
def test_pages_for_strangers_hold_none_either(client: Client, path: str) -> None:
    answer = client.get(path, follow=True)

    assert policy(answer) == PAGE_POLICY
    assert Scripts(answer.content.decode()).found == []


def test_answers_of_the_api_may_load_nothing(sender: ApiClient, stranger: ApiClient) -> None:
    file_id = uploaded(sender)
    answers = [
        sender.post(letter()),
        sender.post(b"{"),
        sender.overview(uuid4()),
        stranger.overview(uuid4()),
        sender.attachment(file_id, "download"),
    ]

    assert body(answers[-1]) == CONTENT
    assert [answer.status_code for answer in answers] == [200, 400, 404, 401, 200]
    assert [policy(answer) for answer in answers] == [DATA_POLICY] * 5


@pytest.mark.parametrize(
    "path", ["/", "/health", "/health/live", "/nothing", "/admin", "/correspondence/api/v1/schema"]
)
def test_nor_may_anything_else(client: Client, path: str) -> None:
    assert policy(client.get(path)) == DATA_POLICY
