"""GET …/content: a body as its recipient reads it, with its reply options (contract http-api.md §5.2, §7)."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from markdown_it import MarkdownIt

from config.kernel.transfers import renderings
from correspondence.statuses import Status
from tests.clients import Client, problem
from tests.conftest import token
from tests.letters import letter
from tests.mail import published, since

READ, WRITE = "altinn:correspondence.read", "altinn:correspondence.write"


@pytest.fixture
def letter_id(sender: Client) -> str:
    """A letter to the reader that is out."""
    return published(sender)


def test_more_than_three_reply_options_are_in_the_overview_and_content_not_in_details(
    sender: Client, reader: Client
) -> None:
    options = [{"linkURL": f"https://a.example/{n}", "linkText": f"Svar {n}"} for n in range(4)]
    letter_id = published(sender, letter(replyOptions=options))

    assert "Svarvalg:" in reader.overview(letter_id).json()["content"]["messageBody"]
    assert "https://a.example/3" in reader.content(letter_id).content.decode()
    assert reader.details(letter_id).json()["content"]["messageBody"] == "Hei."


HOSTILE_OPTIONS = [
    {"linkURL": "https://a.example/[x](javascript:alert(1))", "linkText": "[y](https://b.example) *z*"}
] * 4


def test_reply_options_are_not_read_as_markdown(sender: Client, reader: Client) -> None:
    letter_id = published(sender, letter(replyOptions=HOSTILE_OPTIONS))

    shown = reader.content(letter_id).content.decode()
    address = HOSTILE_OPTIONS[0]["linkURL"]
    assert shown.splitlines()[-1].endswith(f": <{address}>")
    rendered = MarkdownIt().render(shown)
    assert re.findall('href="(.*?)"', rendered) == [re.sub(r"[\[\]]", lambda found: quote(found[0]), address)] * 4
    assert rendered.count("[y](https://b.example) *z*") == 4


def test_reply_options_of_any_length_are_answered_as_they_are(sender: Client, reader: Client) -> None:
    """Only the body has a bounded length, and is worth rendering."""
    text = "[" * 200_000
    options = [{"linkURL": f"https://a.example/{n}", "linkText": text} for n in range(4)]
    letter_id = published(sender, letter(replyOptions=options))

    shown = reader.content(letter_id).content.decode()
    assert shown.splitlines()[-1] == "\\[" * 200_000 + ": https://a.example/3"


def test_content_is_markdown_and_counts_as_read_once(sender: Client, reader: Client) -> None:
    letter_id = published(sender, letter(content__messageBody="# Vedtak\n\nDu har **rett**.<script>x()</script>"))

    answer = reader.content(letter_id, Accept="text/plain")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.content.decode().strip() == "# Vedtak\n\nDu har **rett**."
    reader.content(letter_id)

    assert since(letter_id) == [Status.FETCHED, Status.READ]
    assert problem(reader.mark_as_read(letter_id)) == (400, "CORR-01040")


def test_content_is_not_answered_as_json(reader: Client, letter_id: str) -> None:
    assert problem(reader.content(letter_id, Accept="application/json"))[0] == 406
    assert since(letter_id) == []


def test_content_is_for_recipients_only(sender: Client, letter_id: str) -> None:
    assert problem(sender.content(letter_id)) == (403, None)
    owner = Client(token(scope=f"{READ} {WRITE}"))
    assert problem(owner.content(letter_id)) == (401, "CORR-04001")


def test_long_bodies_are_rendered_a_few_at_a_time_and_short_ones_always(
    sender: Client, reader: Client, settings: Any
) -> None:
    """Whoever asks for many long ones at once must not take every thread."""
    long = published(sender, letter(content__messageBody="x" * 4_001))
    short = published(sender, letter(content__messageBody="x" * 4_000))
    with renderings.taken("somebody"), renderings.taken("somebody"), renderings.taken("a"), renderings.taken("b"):
        refused = reader.content(long)
        assert problem(refused) == (503, None)
        assert refused["Retry-After"]
        assert since(long) == []
        assert reader.content(short).status_code == 200

    assert reader.content(long).status_code == 200
