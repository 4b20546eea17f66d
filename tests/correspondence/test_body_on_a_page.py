"""A body on a page of the back-office: nothing runs, nothing is fetched, and it says what its recipient reads."""

import re

import pytest

from correspondence.markdown import as_markdown
from correspondence.markdown.showing import as_page


def shown(body: str, name: str = "Kari Nordmann") -> str:
    return as_page(as_markdown(body, "{{recipientName}}", name)).strip()


@pytest.mark.parametrize(
    ("body", "page"),
    [
        ("Hei **du**", "<p>Hei <strong>du</strong></p>"),
        ("Hei {{recipientName}}", "<p>Hei Kari Nordmann</p>"),
        ("# Vedtak", "<h3>Vedtak</h3>"),  # below the headings of the page
        ("##### Lite", "<h6>Lite</h6>"),
        ("en  \nto", "<p>en<br>\nto</p>"),
        ("3. tre", '<ol start="3">\n<li>tre</li>\n</ol>'),
        ("~~nei~~", "<p><s>nei</s></p>"),
        ("Fødselsnummer 01818517641", "<p>Fødselsnummer ***********</p>"),
        ("![Kart](https://elsewhere.example/x.png)", '<p><span class="bo-picture">Kart</span></p>'),
        (
            "![](https://elsewhere.example/x.png)",
            '<p><span class="bo-picture">https://elsewhere.example/x.png</span></p>',
        ),
    ],
)
def test_what_its_recipient_reads(body: str, page: str) -> None:
    assert shown(body) == page


def test_a_link_is_shown_with_its_address() -> None:
    page = shown("[Min bank](https://evil.example/bank)")

    assert '<a href="https://evil.example/bank" rel="noopener noreferrer nofollow">Min bank</a>' in page
    assert '<span class="bo-address">https://evil.example/bank</span>' in page


@pytest.mark.parametrize("body", ["<https://fjordby.example/sak>", "<post@fjordby.example>"])
def test_an_address_that_is_its_own_text_is_shown_once(body: str) -> None:
    page = shown(body)

    assert re.search(r'<a href="[^"]*" rel="noopener noreferrer nofollow">', page)
    assert "bo-address" not in page


def test_an_address_with_a_persons_number_leads_nowhere() -> None:
    page = shown("[Mi side](https://fjordby.example/01818517641)")

    assert page == '<p>Mi side <span class="bo-address">https://fjordby.example/***********</span></p>'


def test_cells_keep_their_side_and_their_lines() -> None:
    page = shown("| a | b |\n|---|--:|\n| x<br>y | 1 |")

    assert "<td>x<br>\ny</td>" in page
    assert '<td class="bo-right">1</td>' in page


def test_a_tag_that_somebody_wrote_as_text_stays_text() -> None:
    assert "&lt;br&gt;" in shown("skriv \\<br> slik")
    assert shown("`<b>x</b>`") == "<p><code>&lt;b&gt;x&lt;/b&gt;</code></p>"


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<iframe src=https://elsewhere.example></iframe>",
    "<style>@import url(https://elsewhere.example)</style>",
    "<link rel=stylesheet href=https://elsewhere.example>",
    '<p style="background:url(https://elsewhere.example)">x</p>',
    "<form action=https://elsewhere.example><input name=x></form>",
    "<meta http-equiv=refresh content='0;url=https://elsewhere.example'>",
    "<base href=https://elsewhere.example>",
    "<object data=x></object><embed src=x><video src=x autoplay></video>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](//elsewhere.example)",
    '![x](https://elsewhere.example/"onerror="alert(1))',
    '![x" onerror="alert(1)](https://elsewhere.example/x.png)',
    "<a href=https://a.example onclick=alert(1) target=_top ping=https://elsewhere.example>x</a>",
    "| <img src=x onerror=alert(1)> |\n|---|\n| <script>alert(1)</script> |",
    "{{recipientName}}",
]


@pytest.mark.parametrize("body", HOSTILE)
def test_nothing_runs_and_nothing_is_fetched(body: str) -> None:
    page = shown(body, name="<script>alert(1)</script> ![x](https://elsewhere.example)")

    tags = re.findall(r"<[^>]*>", page)
    assert not [tag for tag in tags if not re.fullmatch(ALLOWED, tag)]


ALLOWED = (
    r"</?(p|table|thead|tbody|tr|th|td|strong|em|br|li|ul)>|</a>|</span>|<span class=\"bo-(picture|address)\">"
    r'|<a href="(https?|mailto):[^"]*" rel="noopener noreferrer nofollow">'
)


def test_also_what_no_writer_of_ours_wrote_is_harmless() -> None:
    """Were `as_markdown` to let something through one day, the parser and the cleaner behind it would not."""
    page = as_page('<script>alert(1)</script> <img src="https://elsewhere.example"> [x](javascript:alert(1))')

    assert re.findall(r"<[^>]*>", page) == ["<p>", "</p>"]
