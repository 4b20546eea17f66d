"""A body as the content endpoint answers it (contract http-api.md §7, last paragraph)."""

import random
from collections.abc import Iterator
from contextlib import suppress

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from correspondence.markdown import as_markdown, html

STAYS = {
    "words": "Vi kjem på tilsyn **12. mai**, *kl. 9*. Ærlig talt, Å–Ø!",
    "words that are bold one by one": "**a** **b**",
    "headings": "# Tilsyn\n\n## Når\n\n###### Hvor",
    "a table": "| Kva | Når |\n| --- | --- |\n| Oppmøte | 09:00 |",
    "a table with sides": "| a | b | c |\n| :-- | :-: | --: |\n| 1 | 2 | 3\\|4 |",
    "lists": "- a\n- b\n  - c\n- d\n\n1. en\n2. to",
    "a long list": "\n".join(f"{number}. x" for number in range(8, 13)),
    "lists that follow each other": "- a\n\n* b\n\n1. c\n\n1) d",
    "a list of paragraphs": "- a\n\n  b\n\n- c",
    "tasks": "- [ ] a\n- [x] b",
    "quotes": "> a\n>\n> > b",
    "code": "Skriv `a*b` eller `` a`b ``.",
    "a code block": "```python\nif a < b:\n    print(`x`)  # <script>\n```",
    "a code block with a fence in it": "````\n```\nx\n```\n````",
    "a code block in a list": "- a\n\n  ```\n  x\n    y\n  ```",
    "links": '[a *b*](https://a.no/?x=1&y=2) og [c](mailto:a@b.no "d")',
    "a link in our letters": "[søk](https://a.no/søknad)",
    "addresses": "<https://a.no/_x_> eller <post@a.no>",
    "an image": '![Kart](https://a.no/kart.png "Her")',
    "a linked image": "[![Kart](https://a.no/kart.png)](https://a.no)",
    "struck": "~~nei~~ ja",
    "a rule": "a\n\n---\n\nb",
    "a line break": "Storgata 1\\\n0123 Oslo",
    "lines": "a\nb",
    "a numbered paragraph": "1\\. x",
    "escaped": "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\<f> \\&amp; \\~\\~g",
    "escaped at the start": "\\# a\n\n\\- b\n\n\\+ c\n\n\\> d\n\n1\\) e\n\n\\---\n\n\\~\\~\\~",
    "what needs no escape": "a_b_c, 2 * 3, 1 < 2 > 1, AT&T, R & D, [a], #404, 50 %, 10.5, a|b, ~10",
}

BECOMES = {
    # HTML
    "bold, italic, struck and code": ("<b>a</b> <i>b</i> <del>c</del> <code>d</code>", "**a** *b* ~~c~~ `d`"),
    "headings and paragraphs": ("<h2>A</h2><p>b</p><p>c</p>", "## A\n\nb\n\nc"),
    "a line break": ("a<br>b", "a\\\nb"),
    "two line breaks": ("a<br><br>b", "a\n\nb"),
    "lists": ("<ul><li>a<ul><li>b</ul><li>c</ul><ol start=4><li>d</ol>", "- a\n  - b\n- c\n\n4. d"),
    "a list in a list without an item": ("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n  - b"),
    "blanks that keep words together": ("a &nbsp; 1&nbsp;000 b\n&nbsp;\nc <p>&nbsp;</p>", "a\xa01\xa0000 b\nc"),
    "a quote": ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
    "a code block": ("<pre>a\n  b</pre>", "```\na\n  b\n```"),
    "a table": (
        "<table><tr><th>a<th align=right>b<tr><td>1<td>2<br>3</table>",
        "| a | b |\n| --- | --: |\n| 1 | 2<br>3 |",
    ),
    "a table without a head": ("<table><tr><td>a<td>b<tr><td>c</table>", "| a | b |\n| --- | --- |\n| c |"),
    "a wide cell": ("<table><tr><td colspan=2>a<td>b</table>", "| a |  | b |\n| --- | --- | --- |"),
    "a table in a table": ("<table><tr><td>a<td>b<table><tr><td>c</table></table>", "| a | b<br>c |\n| --- | --- |"),
    "blanks inside of marks": ("a<b> b </b>c", "a **b** c"),
    "marks beside each other": ("<b>a</b><b>b</b>", "**ab**"),
    "a mark around paragraphs": ("<b><p>a</p><p>b</p></b>", "**a**\n\n**b**"),
    "a mark where Markdown has none": ("<b>Frist:</b>12. mai", "Frist:12. mai"),
    "marks inside of one where Markdown has none": ("a<i><s>-b</s></i>", "a-b"),
    "marks that overlap": ("<i>a<b>b</b></i><b>c</b>", "*a**b***c"),
    "an empty paragraph in an item": ("<ul><li><p></p><h2>a</h2><li>b</ul>", "- ## a\n- b"),
    # what does not stay
    "unknown tags": ("<x-y>a</x-y><u>b</u> <font color=red>c</font> m<sup>2</sup>", "ab c m2"),
    "blocks Markdown does not know": ("<div>a</div><div>b</div><dl><dt>c<dd>d</dl>", "a\n\nb\n\nc\n\nd"),
    "comments": ("a<!-- b -->c", "ac"),
    "a comment over lines": ("a\n\n<!-- b\n\nc -->\n\nd", "a\n\nd"),
    "scripts": ("a<script>b</script>c<SCRIPT >d</SCRIPT >e", "ace"),
    "styles": ("<style>\nb {}\n</style>\n\na", "a"),
    "events": ("<p onclick='x()'>a</p><img src=x onerror='y()' alt=b>", "a\n\nb"),
    "front matter": ("---\ntitle: x\ntags: [a]\n---\n# Hei", "# Hei"),
    "front matter that ends in dots": ("\ufeff---\r\ntitle: x\r\n...\r\nHei", "Hei"),
    "no front matter": ("---\n\nFrist: i dag\n\n---\n\na", "---\n\nFrist: i dag\n\n---\n\na"),
    "front matter without end": ("---\ntitle: x", "---\n\ntitle: x"),
    "a null": ("a&#0;b", "a\ufffdb"),
    "only what does not stay": ("<!-- a --> <div></div> <b></b>", ""),
    # links
    "no other scheme": ("[a](javascript:x) [b](ftp://c) [d](tel:1) <data:text/html,e>", "a b d data:text/html,e"),
    "no scheme at all": ("[a](//host) [b](/c) [d](#e) [f](g.html)", "a b d f"),
    "other schemes in HTML": ("<a href='JaVaScript:x'>a</a> <a href='java&#10;script:x'>b</a>", "a b"),
    "a scheme behind control characters": ("<a href='&#1; https://a.no'>a</a>", "[a](https://a.no)"),
    "an image from elsewhere": ("![a](data:image/png;base64,x) ![b](mailto:c)", "a b"),
    "a target without text": ("<a href='https://a.no/x'></a>Hei", "Hei\n\n<https://a.no/x>"),
    "a target in code": ("<pre><a href='https://a.no'>a</a></pre>", "```\na\n```\n\n<https://a.no>"),
    "a target that nothing refers to": ("Hei\n\n[1]: https://a.no", "Hei\n\n<https://a.no>"),
    "a target lost here and kept there": ("<a href='https://a.no'></a>[b](https://a.no)", "[b](https://a.no)"),
    "targets lost twice": ("<a href='https://a.no'></a><a href='https://a.no'></a>", "<https://a.no>"),
    "a link around blocks": ("<a href='https://a.no'><p>a</p><p>b</p></a>", "[a](https://a.no)\n\n[b](https://a.no)"),
    "a target with brackets": ("<a href='https://a.no/(b) \"c\\'>d</a>", "[d](<https://a.no/(b)%20%22c%5C>)"),
    "a target with a reference in it": ("[a](https://a.no?b=1&amp;copy;=2)", "[a](https://a.no?b=1&amp;copy;=2)"),
    "an exclamation before a link": ("Hei\\![a](https://a.no)", "Hei\\![a](https://a.no)"),
    # text that would be markup on the way back
    "one that Markdown has no mark for": ("a<i>!</i><a href='https://b.no'>c</a>", "a\\![c](https://b.no)"),
    "tags in text": ("&lt;script>a&lt;/script> &lt;&lt;b>", "\\<script>a\\</script> \\<\\<b>"),
    "tags in a title": ("[a](https://a.no '<b> \"c\" \\\\')", '[a](https://a.no "\\<b> \\"c\\" \\\\")'),
    "tags instead of an image": ("![&lt;script>](https://a.no)", "![\\<script>](https://a.no)"),
    "marks in HTML": ("<div>*a* # b</div>", "\\*a\\* # b"),
    "a table that is none": ("<p>a|b\n-|-</p>", "a|b\n\\-|-"),
    "a language that breaks out": ("<pre lang='a&#10;```&#10;<script>'>b</pre>", "```ascript\nb\n```"),
    "references": ("&amp;lt; &copy; &#42;a&#42;", "\\&lt; © \\*a\\*"),
}

HOSTILE = {
    "quotes": ">" * 15_000,
    "quoted lines": ("> " * 100 + "a\n") * 148,
    "lists": "- " * 15_000,
    "indented lists": "\n".join("  " * level + "- a" for level in range(170)),
    "lists that follow each other": "- a\n* b\n" * 3_700,
    "brackets": "[" * 30_000,
    "image brackets": "![" * 15_000,
    "links in links": "[a](" * 7_500,
    "stars": "*a " * 10_000,
    "stars and words": "*a" * 15_000,
    "struck words": "~~a" * 10_000,
    "backticks": "".join("`" * count + " " for count in range(240)),
    "paragraphs": "a\n\n" * 10_000,
    "rows that are too short": "|a" * 200 + "|\n" + "|-" * 200 + "|\n" + "x\n" * 14_000,
    "less than": "<" * 30_000,
    "ampersands": "&" * 30_000,
    "nulls": "&#0;" * 7_500,
    "divisions": "<div>" * 5_000,
    "open lists": "<ul><li>" * 3_700,
    "open tables": "<table><tr><td>" * 2_000,
    "open comments": "<!--" * 7_500,
    "open tags": "<b " * 10_000,
    "open attributes": "<b a='" * 5_000,
    "wide cells": "<table>" + "<tr><td colspan=1000>a" * 1_300,
    "marks in each paragraph": "<b><b><b><i><i><i><s><s><s><code><code><code>" + "<p>a" * 7_400,
    "marks that differ": "".join(f"<strong a={number}><p>" for number in range(1_500)),
    "marks that differ, disguised": "<div>" + "".join(f'<strong a{number}=x="><p>z="' for number in range(1_100)),
}


@pytest.mark.parametrize("body", STAYS.values(), ids=STAYS)
def test_plain_markdown_stays_as_it_is(body: str) -> None:
    assert as_markdown(body) == body


@pytest.mark.parametrize(("body", "answer"), BECOMES.values(), ids=BECOMES)
def test_html_becomes_markdown(body: str, answer: str) -> None:
    assert as_markdown(body) == answer
    assert as_markdown(answer) == answer


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("> " * 20 + "a\nb\n\n*c*", "\\> " * 20 + "a\\\nb\n\n\\*c\\*"),
        ("\n".join("  " * n + "- a" for n in range(10)), "\\\n".join(["\\- a"] * 10)),
    ],
    ids=["twenty quotes", "ten lists"],
)
def test_what_is_nested_deeper_than_can_be_read_comes_as_plain_text(body: str, answer: str) -> None:
    """Nothing of a letter is left out."""
    assert as_markdown(body) == answer


NAMED = {
    "in text": ("Hei NAME!", "Hei \\[O\\_x\\] \\& \\`sons\\`!"),
    "in code": ("`NAME`", "`[O_x] & 'sons'`"),
    "in a code block": ("```\nNAME\n```", "```\n[O_x] & 'sons'\n```"),
    "in the target of a link": ("[her](https://a.no/?n=NAME)", "[her](https://a.no/?n=%5BO_x%5D%20%26%20%60sons%60)"),
    "in a target by HTML": ("<a href='https://a.no/NAME'>her</a>", "[her](https://a.no/%5BO_x%5D%20%26%20%60sons%60)"),
    "in a target that is lost": ("[1]: https://a.no/NAME", "<https://a.no/%5BO_x%5D%20%26%20%60sons%60>"),
    "in a title": ("[a](https://b.no 'NAME')", '[a](https://b.no "\\[O\\_x\\] \\& \\`sons\\`")'),
    "in an image": ("![NAME](https://b.no/c.png)", "![\\[O\\_x\\] \\& \\`sons\\`](https://b.no/c.png)"),
    "beside marks": ("**NAME**", "**\\[O\\_x\\] \\& \\`sons\\`**"),
    "nested too deep": ("> " * 20 + "NAME", "\\> " * 20 + "\\[O\\_x\\] \\& \\`sons\\`"),
    "nowhere": ("&#78;AME N<b></b>AME N<!-- -->AME", "NAME NAME NAME"),
}


@pytest.mark.parametrize(("body", "answer"), NAMED.values(), ids=NAMED)
def test_a_text_is_put_in_as_what_it_is_wherever_the_body_says_its_placeholder(body: str, answer: str) -> None:
    assert as_markdown(body, "NAME", "[O_x] &\n`sons`") == answer


def test_as_much_as_can_be_read_is_read() -> None:
    body = "> " * 19 + "a"
    assert as_markdown(body) == body


def test_the_contracts_example_reads_the_same() -> None:
    body = "# Tilsyn\n\nVi kjem på tilsyn **12. mai**.\n\n| Kva | Når |\n|---|---|\n| Oppmøte | 09:00 |\n"

    assert as_markdown(body) == body.replace("|---|---|", "| --- | --- |").rstrip()


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_bodies_end(body: str) -> None:
    """Those that once took minutes, or hundreds of megabytes, would run into pytest's time limit."""
    assert len(body) <= 30_000
    with suppress(html.NestedTooDeep):
        assert len(html.rendered(body)[0]) < 1_500_000
    assert len(as_markdown(body)) < 150_000


# Pieces that mean something to Markdown, HTML or a browser, to be thrown together at random.
PIECES = [
    "a", "b ", "Ås", " ", "\n", "\n\n", "  \n", "*", "**", "_", "`", "```", "~~", "~~~", "[", "]", "(", ")",
    "](https://x.no)", "](javascript:x)", "](//h)", "](DATA:x)", "![", "!", "<", ">", "&", "&lt;", "&#60;script>",
    "&#x6a;avascript:", "&nbsp;", "# ", "- ", "---", "1. ", "===", "\\", "\\<", "\\\n", "> ", "    ", "<b>", "</b>",
    "<i>", "</i>", "<s>", "</s>", "<p>", "</p>", "<br>", "<div>", "</div>", "<a href='https://y.no/?a=1&copy=2'>",
    '<a href="java\tscript:x">', "</a>", "<ul>", "</ul>", "<ol>", "<li>", "</li>", "<table>", "</table>", "<tr>",
    "<td>", "</td>", "<th>", "<pre>", "</pre>", "<pre lang='x&#10;`'>", "<code>", "</code>", "<blockquote>", "<h2>",
    "</h2>", "<hr>", "<img src=https://z.no alt='*<b>[x](y)'>", "<script>", "</script>", "<!--", "-->", "<style>",
    "<u>", "<iframe src=javascript:x>", "<svg>", "<textarea>", "<caption>", "https://q.no/_a_", "<https://w.no/a_b>",
    "<javascript:alert(1)>", "[r]: https://r.no\n", "[r]", "Frist:", "|", "|-|-|\n",
]  # fmt: skip


def hotchpotch(seed: int) -> str:
    choose = random.Random(seed)
    return "".join(choose.choices(PIECES, k=choose.choice((3, 6, 12, 30))))


def every(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from every(token.children or [])


def test_nothing_harmful_comes_back_to_life() -> None:
    """Read the answer as the most careless client would: HTML passed on, every target followed."""
    client = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    client.validateLink = lambda url: True  # type: ignore[method-assign]

    for seed in range(1_500):
        body = hotchpotch(seed)
        for token in every(client.parse(as_markdown(body))):
            assert token.type != "html_block", body
            assert token.type != "html_inline" or token.content == "<br>", body
            target = str(token.attrs.get("href") or token.attrs.get("src") or "https://")
            assert target.startswith(("https://", "mailto:")), body


def test_an_answer_is_its_own_answer() -> None:
    for seed in range(1_500):
        answer = as_markdown(hotchpotch(seed))
        assert as_markdown(answer) == answer, hotchpotch(seed)


def test_a_target_that_is_named_thousands_of_times_is_not_written_out_thousands_of_times() -> None:
    """30 kB became 55 MB."""
    target = "https://x.y/" + "b" * 15_000
    body = f"[a]: {target}\n\n" + "[a] " * 3_700

    answer = as_markdown(body)

    assert len(answer) < 4 * len(body)
    assert answer.startswith(f"[a]({target}) ")
    assert answer.count("a ") > 3_000
