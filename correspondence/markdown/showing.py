"""A body on a page of the back-office: HTML in which nothing runs, and for which nothing is fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from config.kernel.masking import mask_person_numbers
from correspondence.markdown.html import TABLE

# What a line break in a cell of a table is written as (`writing`): the only HTML in what we have written.
_BREAK = "<br>"
# The page has headings of its own above these: its title, and that of the part in which the body stands.
_HIGHEST_HEADING = 3
_SIDES = {"text-align:left": "bo-left", "text-align:center": "bo-center", "text-align:right": "bo-right"}
_ADDRESS, _PICTURE = "bo-address", "bo-picture"

_CLEANER = nh3.Cleaner(
    tags={"a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "span",
          "strong", "ul"} | TABLE,
    clean_content_tags={"script", "style", "title"},
    attributes={"a": {"href"}, "ol": {"start"}},
    allowed_classes={"span": {_ADDRESS, _PICTURE}, "td": {*_SIDES.values()}, "th": {*_SIDES.values()}},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow",
)  # fmt: skip


def as_page(markdown: str) -> str:
    """Answer what `as_markdown` has written as HTML, with person numbers masked.

    Pictures are no more than their texts. The address of a link stands beside it, wherever its text is another one.
    """
    tokens = _parser.parse(markdown)
    for token in tokens:
        _fit_in(token)
        token.children = list(_shown(token.children or []))
    page = _parser.renderer.render(tokens, _parser.options, {})
    return mask_person_numbers(_CLEANER.clean(page))


def _line_break(state: StateInline, silent: bool) -> bool:
    """A rule of the parser, which else would show the tag."""
    if not state.src.startswith(_BREAK, state.pos):
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos += len(_BREAK)
    return True


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("html_inline", "line_break", _line_break)
    return parser


_parser = _make_parser()


def _fit_in(token: Token) -> None:
    """Headings below the page's own; the sides of cells by classes."""
    if token.tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
        token.tag = f"h{min(int(token.tag[1]) + _HIGHEST_HEADING - 1, 6)}"
    side = _SIDES.get(str(token.attrs.pop("style", "")))
    if side:
        token.attrs["class"] = side


def _shown(tokens: Sequence[Token]) -> Iterator[Token]:
    """The content of one paragraph, heading or cell."""
    said = target = ""
    for token in tokens:
        match token.type:
            case "image":
                yield _span(_PICTURE, _picture(token))
            case "link_open":
                said, target = "", str(token.attrs.get("href", ""))
                if _leads_somewhere(target):
                    yield token
            case "link_close":
                if _leads_somewhere(target):
                    yield token
                if said.strip() not in (target, target.removeprefix("mailto:")):
                    yield Token("text", "", 0, content=" ")
                    yield _span(_ADDRESS, target)
            case _:
                said += token.content
                yield token


def _leads_somewhere(target: str) -> bool:
    """Not once it is masked."""
    return mask_person_numbers(target) == target


def _picture(image: Token) -> str:
    said = "".join(token.content for token in image.children or [])
    return said.strip() or str(image.attrs.get("src", ""))


def _span(name: str, text: str) -> Token:
    return Token("html_inline", "", 0, content=f'<span class="{name}">{escape(text)}</span>')
