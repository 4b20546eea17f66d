"""A caseworker's morning in a real browser, with a whole service behind it and a worker that publishes."""

import json
import re
from typing import Any

import pytest

from tests.back_office import BackOffice

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
LETTERS, PAUSES, LOG = (
    f"/admin/{path}/" for path in ("correspondence/correspondence", "correspondence/pause", "audit/auditentry")
)


def follow(office: BackOffice, selector: str, words: str = "") -> None:
    """Click the first link or button that the selector finds, and that has these words in it."""
    wanted = (
        f"[...document.querySelectorAll({json.dumps(selector)})].find(e => e.innerText.includes({json.dumps(words)}))"
    )
    office.browser.wait_for(f"!!({wanted})")
    office.browser.submit(f"({wanted}).click()")


def fill_in(office: BackOffice, field: str, text: str) -> None:
    office.browser.run(f"document.querySelector({json.dumps(field)}).value = {json.dumps(text)}")


def confirm(office: BackOffice, why: str) -> None:
    """Answer the question of a page that asks before something is done."""
    fill_in(office, "#id_reason", why)
    follow(office, "#content form[method=post] [type=submit], #content form[method=post] button.default")


def open_first(office: BackOffice, where: str) -> str:
    """Open the first letter of a list; answers its path."""
    office.open(f"{LETTERS}?where={where}")
    follow(office, "#result_list tbody th a")
    return str(office.browser.run("location.pathname"))


def until_it_says(office: BackOffice, path: str, words: str) -> None:
    def says() -> bool:
        office.open(path)
        return words in office.text()

    for _ in range(40):
        if says():
            return
        office.browser.run("new Promise(done => setTimeout(done, 500))")
    raise AssertionError(office.text())


@pytest.fixture
def english(back_office: BackOffice) -> BackOffice:
    back_office.browser.speak("en")
    return back_office


def test_a_letter_that_was_set_aside_is_found_understood_retried_and_published(english: BackOffice) -> None:
    english.open("/admin/")
    follow(english, "a.start-tile", "Set aside")
    follow(english, "#result_list tbody th a")
    path = str(english.browser.run("location.pathname"))
    assert re.search("Set aside after 5 failed attempts", english.text())

    follow(english, ".acts a", "Retry")
    confirm(english, "The database takes it now")

    until_it_says(english, path, "Published: its recipient can read it")
    assert "The database takes it now" in english.text()
    assert english.browser.complaints == []


def test_a_letter_that_failed_is_sent_again_as_a_new_one(english: BackOffice) -> None:
    path = open_first(english, "failed_today")
    follow(english, ".acts a", "Send")
    confirm(english, "The recipient is in the register now")

    english.open(path)
    assert "This letter was sent again:" in english.text()
    follow(english, ".acts-link a")
    until_it_says(english, str(english.browser.run("location.pathname")), "Published: its recipient can read it")


def test_a_resource_is_paused_and_resumed(english: BackOffice) -> None:
    english.open(f"{PAUSES}add/")
    english.browser.run("""{
        const field = document.querySelector('#id_resource');
        field.append(new Option('dalen-skatt', 'dalen-skatt', true, true));
    }""")
    fill_in(english, "#id_reason", "Feil beløp")
    follow(english, "#content form [type=submit][name=_save]")
    follow(english, "#content form[method=post] [type=submit], #content form[method=post] button.default")
    english.open("/admin/")
    assert "Feil beløp" in english.text()

    english.open(f"{PAUSES}?resumed_at__isempty=1")
    english.browser.run("document.querySelector('#result_list tbody input.action-select').click()")
    english.browser.run("document.querySelector('select[name=action]').value = 'resume'")
    follow(english, "#changelist-form button[name=index]")
    follow(english, "#content form[method=post] [type=submit], #content form[method=post] button.default")
    english.open("/admin/")
    assert "Feil beløp" not in english.text()


def test_a_number_is_shown_and_the_look_is_in_the_audit_log(english: BackOffice) -> None:
    english.open(LETTERS)
    row: Any = "[...document.querySelectorAll('#result_list tbody tr')].find(e => e.innerText.includes('***'))"
    english.browser.submit(f"{row}.querySelector('th a').click()")
    letter = str(english.browser.run("location.pathname")).split("/")[-3]

    english.browser.run("document.querySelector('form[action$=\"/reveal/\"] button').click()")
    english.browser.wait_for("/[0-9]{11}/.test(document.querySelector('main').innerText.replace(/ /g, ''))")

    english.open(f"{LOG}?q={letter}")
    assert "looked at a recipient's number" in english.text()
