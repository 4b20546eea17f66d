"""Markdown to HTML that is whole: every tag known and closed."""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

INLINE = {"a", "br", "code", "em", "img", "s", "strong"}
TABLE = {"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
BLOCKS = {"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
# Markdown has nothing for these; they stay for now, since words on both sides of them must not run together.
BOUNDARIES = {
    "address", "article", "aside", "center", "dd", "details", "dir", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "header", "hgroup", "legend", "main", "menu", "nav", "optgroup", "option", "section",
    "summary",
}  # fmt: skip

_CLEANER = nh3.Cleaner(
    tags=INLINE | TABLE | BLOCKS | BOUNDARIES,
    clean_content_tags={"script", "style", "title"},
    attributes={
        "a": {"href", "title"},
        "img": {"alt", "src", "title"},
        "ol": {"start"},
        "pre": {"lang"},
        "td": {"align", "colspan", "style"},
        "th": {"align", "colspan", "style"},
    },
    filter_style_properties={"text-align"},
    link_rel=None,
)
# The elements that HTML parsers open anew in each paragraph until they are closed: three at most if they are alike, but
# with attributes that differ 28 kB of them became 19 MB and held 600 MB of memory. So before they are parsed they lose
# their attributes, and those that say the same become one. The pattern cannot fail behind a tag's name: that would
# let a tag through, and take quadratic time.
_REOPENED = re.compile(
    r"<(/?)(b|big|code|del|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])"
    r"""(?:=\s*(?:"[^"]*"|'[^']*')|[^>])*+>?""",
    re.ASCII | re.IGNORECASE,
)
# 30 kB of which a target is half, and links to it the rest, became 55 MB.
_MOST_OF_TARGETS = 30_000
_TARGETS = frozenset({"href", "src"})
_COUNTERPART = {"b": "strong", "del": "s", "i": "em", "strike": "s"} | {tag: tag for tag in INLINE}
# The parser fills up short rows, with 65,536 cells at most.
_FILLED_UP = re.compile(r'(?:<td(?: style="text-align:\w+")?></td>\n)++(?=</tr>)')


class _Parser(MarkdownIt):
    """CommonMark with tables and strikethrough. Leaves targets as written: `targets` judges them, later."""

    def __init__(self) -> None:
        super().__init__("commonmark")
        self.enable(["table", "strikethrough"])
        self.add_render_rule("fence", _fence)

    def validateLink(self, url: str) -> bool:  # noqa: N802  the parser's name
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        return link


def _fence(
    _: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    """Put the language on `pre`; on `code` it would not outlive `_REOPENED`. HTML drops a newline behind `<pre>`."""
    language = (tokens[index].info.split() or [""])[0]
    return f'<pre lang="{escape(language)}">\n{escape(tokens[index].content)}</pre>\n'


_parser = _Parser()
_CONTAINERS = {"blockquote_open", "list_item_open"}


class NestedTooDeep(Exception):
    """Quotes and lists in each other, further than the parser reads: it would leave out what is in the last one."""


def rendered(body: str) -> tuple[str, list[str]]:
    """Answer the body's clean HTML and the targets of all its link definitions, used or not.

    Raises:
        NestedTooDeep: some of the text would be lost.
    """
    env: dict[str, Any] = {}
    tokens = _parser.parse(body, env)
    if any(token.type in _CONTAINERS and token.level >= _parser.options.maxNesting - 1 for token in tokens):
        raise NestedTooDeep
    _bound_targets(tokens, _MOST_OF_TARGETS + len(body))
    page = _REOPENED.sub(_plain, _FILLED_UP.sub("", _parser.renderer.render(tokens, _parser.options, env)))
    return _CLEANER.clean(page), [reference["href"] for reference in env.get("references", {}).values()]


def _bound_targets(tokens: Sequence[Token], left: int) -> None:
    """A definition may be named thousands of times: its target is written out no further than `left` characters."""
    for token in (inner for block in tokens for inner in block.children or ()):
        for name in _TARGETS & token.attrs.keys():
            left -= len(str(token.attrs[name]))
            if left < 0:
                token.attrs[name] = ""


def _plain(tag: re.Match[str]) -> str:
    name = _COUNTERPART.get(tag[2].lower())
    return f"<{tag[1]}{name}>" if name else ""
