"""The back-office speaks bokmål, nynorsk and English, in local time; nothing else does."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.template import Context, Template
from django.test import Client
from django.utils import timezone, translation

from config.staff.languages import BackOfficeLanguageMiddleware
from tests.admin.pages import page
from tests.clients import Client as ApiClient
from tests.letters import letter
from tests.staff.people import LOGIN, log_in, person

pytestmark = [pytest.mark.usefixtures("cheap_passwords", "plain_static_files"), pytest.mark.django_db]

WINTER = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 22, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "language", "words"),
    [
        ("nb-NO,nb;q=0.9,en;q=0.5", "nb", "Logg inn"),
        ("nn-NO,nn;q=0.9", "nn", "Passord"),
        ("no", "nb", "Logg inn"),
        ("en-GB", "en", "Log in"),
        ("de-DE,nn;q=0.5", "nn", "Logg inn"),
        ("de", "en", "Log in"),
        (None, "en", "Log in"),
    ],
)
def test_the_login_speaks_the_browsers_language(client: Client, asked: str | None, language: str, words: str) -> None:
    answer = client.get(LOGIN, headers={"accept-language": asked} if asked else {})

    assert f'<html lang="{language}"' in page(answer)
    assert words in page(answer)
    assert answer["Content-Language"] == language


def test_who_chooses_a_language_keeps_it_and_stays_where_he_was(client: Client) -> None:
    answer = client.post("/admin/language/", {"language": "nn", "next": "/admin/login/?next=/admin/"})

    assert answer["Location"] == "/admin/login/?next=/admin/"
    assert client.cookies["back_office_language"]["path"] == "/admin/"
    assert '<html lang="nn"' in page(client.get(LOGIN, headers={"accept-language": "en"}))


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_a_choice_of_language_leads_nowhere_else(client: Client, target: str) -> None:
    assert client.post("/admin/language/", {"language": "nb", "next": target})["Location"] == "/"


def test_a_language_that_is_none_changes_nothing(client: Client) -> None:
    client.post("/admin/language/", {"language": "xx", "next": LOGIN})

    assert "back_office_language" not in client.cookies
    client.cookies["back_office_language"] = "../../etc"
    assert '<html lang="en"' in page(client.get(LOGIN))


def test_a_language_is_not_chosen_by_a_link(client: Client) -> None:
    assert client.get("/admin/language/", {"language": "nn"}).status_code == 405


def test_every_page_inside_offers_the_languages(client: Client) -> None:
    person()
    log_in(client)

    text = page(client.get("/admin/registry/resource/", headers={"accept-language": "nn"}))

    assert 'value="nb" lang="nb" aria-pressed="false"' in text
    assert 'value="nn" lang="nn" aria-pressed="true"' in text
    assert "Ressursar" in text


def test_refusals_are_in_the_readers_language_too(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "nb"})

    stale, missing = strict.post(LOGIN, {"username": "kari"}), strict.get("/admin/registry/nothing/", follow=True)

    assert "Ingenting ble lagret" in stale.content.decode()
    assert '<html lang="nb"' in missing.content.decode()


@pytest.mark.parametrize(
    ("language", "winter", "summer"),
    [
        ("nb", "24. november 2026 kl. 14.05", "2. juli 2026 kl. 00.05"),
        ("nn", "24. november 2026 kl. 14.05", "2. juli 2026 kl. 00.05"),
        ("en", "24 November 2026, 14:05", "2 July 2026, 00:05"),
    ],
)
def test_times_are_local_and_written_as_people_write_them(rf: Any, language: str, winter: str, summer: str) -> None:
    template = Template('{{ winter|date:"DATETIME_FORMAT" }} | {{ summer }}')

    def view(request: Any) -> Any:
        return HttpResponse(template.render(Context({"winter": WINTER, "summer": SUMMER})))

    request = rf.get("/admin/x/", headers={"accept-language": language})

    answer: Any = BackOfficeLanguageMiddleware(view)(request)

    assert answer.content.decode() == f"{winter} | {summer}"
    assert translation.get_language() == "en"
    assert timezone.get_current_timezone_name() == "UTC"


def test_the_time_zone_is_a_setting(rf: Any, settings: Any) -> None:
    settings.BACK_OFFICE_TIME_ZONE = "Atlantic/Reykjavik"

    def view(request: Any) -> Any:
        return HttpResponse(timezone.localtime(WINTER).isoformat())

    answer: Any = BackOfficeLanguageMiddleware(view)(rf.get("/admin/x/"))

    assert answer.content == b"2026-11-24T13:05:00+00:00"


def test_a_file_that_streams_is_in_the_readers_language_to_its_end(rf: Any) -> None:
    def rows() -> Any:
        yield from (str(translation.get_language()) for _ in range(3))

    answer: Any = BackOfficeLanguageMiddleware(lambda request: StreamingHttpResponse(rows()))(
        rf.get("/admin/x/", headers={"accept-language": "nn"})
    )
    outside = translation.get_language()

    assert b"".join(answer) == b"nnnnnn"
    assert outside == translation.get_language() == "en"


def test_the_wire_knows_no_language(sender: ApiClient, stranger: ApiClient, client: Client) -> None:
    client.cookies["back_office_language"] = "nb"
    norwegian = {"Accept_Language": "nb", "Cookie": "back_office_language=nb"}
    asked = letter()
    asked["recipients"] = []

    refused = [each.json()["errors"] for each in (sender.post(asked), sender.post(asked, **norwegian))]
    documentation = client.get("/correspondence/api/v1/schema", headers={"accept-language": "nb"})

    assert refused[0] == refused[1]
    assert "Content-Language" not in documentation
