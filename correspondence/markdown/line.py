"""The inline content of one paragraph, heading or cell, gathered piece by piece."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import pairwise
from typing import NamedTuple

from markdown_it.token import Token

_DELIMITERS = {"strong": "**", "em": "*", "s": "~~"}
_SPACE = re.compile(r"\s+")
_ORDINARY = re.compile(r"[\t-\r\x1c-\x1f \x85\u2028\u2029]")  # not the ones that keep words together
_BREAK = "\0"  # among white space: a hard line break. HTML has no such character


class Mark(NamedTuple):
    """Something that text is inside of: strong, em, s or link."""

    kind: str
    target: str = ""
    title: str = ""


NOWHERE = Mark("link")  # a link whose target is not permitted: only its text stays


class Line:
    """Writes marks no sooner than text needs them, so that none is empty, doubled, or begins or ends with a blank."""

    def __init__(self) -> None:
        self.kept: set[str] = set()  # targets of the links that were written
        self._tokens: list[Token] = []
        self._gap = ""
        self._nested: Counter[str] = Counter()
        self._wanted: list[Mark] = []
        self._written: list[Mark] = []

    def begin(self, mark: Mark) -> None:
        """What comes from here on is inside of `mark`, or of the one of its kind that holds already."""
        self._nested[mark.kind] += 1
        if self._nested[mark.kind] == 1:
            self._wanted.append(mark)

    def end(self, kind: str) -> None:
        """End what began last of a kind. It must have begun."""
        self._nested[kind] -= 1
        if not self._nested[kind]:
            self._wanted = [mark for mark in self._wanted if mark.kind != kind]

    def text(self, text: str, kind: str = "text") -> None:
        """Add text, or code if `kind` is code_inline. White space only counts between other content."""
        core = text.strip()
        self._gap += text[: len(text) - len(text.lstrip())]
        if core:
            self._catch_up()
            self._write(kind, _SPACE.sub(_collapsed, core) if kind == "text" else " ".join(core.splitlines()))
            self._gap = text[len(text.rstrip()) :]

    def image(self, source: str, alt: str, title: str) -> None:
        """Add an image."""
        self._catch_up()
        self._tokens.append(
            Token("image", "", 0, attrs={"src": source, "title": title}, children=[Token("text", "", 0, content=alt)])
        )

    def line_break(self) -> bool:
        """Go to the next line, unless nothing stands before or behind; answer whether this was done already."""
        twice = _BREAK in self._gap
        self._gap += _BREAK
        return twice

    def take(self) -> list[Token]:
        """Give what was gathered and start anew, inside of the same marks."""
        self._close(0)
        tokens, self._tokens, self._gap = _settled(self._tokens), [], ""
        for before, token in pairwise(tokens):
            before.meta["before_link"] = token.type == "link_open"
        return tokens

    def _catch_up(self) -> None:
        """Close the marks that have ended, write the gap, and open those that have begun."""
        wanted = [mark for mark in self._wanted if mark != NOWHERE]
        same = 0
        for old, new in zip(self._written, wanted, strict=False):
            if old is not new and (old != new or self._gap):
                break
            same += 1
        self._close(same)
        self._write_gap()
        for mark in wanted[same:]:
            self._open(mark)

    def _write_gap(self) -> None:
        if self._tokens and _BREAK in self._gap:
            self._tokens.append(Token("hardbreak", "br", 0))
        elif self._tokens and self._gap:
            self._write("text", _SPACE.sub(_collapsed, self._gap))
        self._gap = ""

    def _write(self, kind: str, content: str) -> None:
        _append(self._tokens, Token(kind, "", 0, content=content))

    def _open(self, mark: Mark) -> None:
        self._written.append(mark)
        if mark.kind == "link":
            self.kept.add(mark.target)
        self._tokens.append(
            Token(
                f"{mark.kind}_open",
                "",
                1,
                markup=_DELIMITERS.get(mark.kind, ""),
                attrs={"href": mark.target, "title": mark.title},
            )
        )

    def _close(self, keep: int) -> None:
        while len(self._written) > keep:
            kind = self._written.pop().kind
            self._tokens.append(Token(f"{kind}_close", "", -1, markup=_DELIMITERS.get(kind, "")))


def _collapsed(space: re.Match[str]) -> str:
    return "\n" if "\n" in space[0] else _ORDINARY.sub("", space[0]) or " "


def _settled(tokens: list[Token]) -> list[Token]:
    """Leave out the delimiters that would not be read as such: those of HTML may stand where Markdown's cannot."""
    while useless := _useless(tokens):
        kept: list[Token] = []
        for place, token in enumerate(tokens):
            if place not in useless:
                _append(kept, token)
        tokens = kept
    return tokens


def _useless(tokens: list[Token]) -> set[int]:
    opened: list[int] = []
    useless: set[int] = set()
    for place, token in enumerate(tokens):
        if token.nesting == 1:
            opened.append(place)
        elif token.nesting == -1:
            start = opened.pop()
            if token.markup and not (_flanks(tokens, start, 1) and _flanks(tokens, place, -1)):
                useless |= {start, place}
    return useless


def _append(tokens: list[Token], token: Token) -> None:
    """Join text to text and code to code; two pieces side by side would be read as something else."""
    if tokens and tokens[-1].type == token.type in ("text", "code_inline"):
        tokens[-1].content += token.content
    else:
        tokens.append(token)


def _flanks(tokens: list[Token], place: int, inward: int) -> bool:
    """Tell whether a delimiter leans on what it encloses, by CommonMark's rule of flanking runs.

    One that opens right behind one that closes makes a run of which it is hard to say what it means.
    """
    inner, outer = _beside(tokens, place, inward), _beside(tokens, place, -inward)
    if inward == 1 and any(token.nesting == -1 for token in tokens[outer + 1 : place]):
        return False
    inside, outside = _edge(tokens, inner, inward), _edge(tokens, outer, -inward)
    return not _is_space(inside) and (not _is_mark(inside) or _is_space(outside) or _is_mark(outside))


def _beside(tokens: list[Token], place: int, step: int) -> int:
    """Answer where the run of equal delimiters ends that the one at `place` is part of."""
    run = tokens[place].markup[0]
    while 0 <= place < len(tokens) and tokens[place].markup.startswith(run):
        place += step
    return place


def _edge(tokens: list[Token], place: int, step: int) -> str:
    """Answer the first character seen from the side one comes from; "" beyond the line."""
    if not 0 <= place < len(tokens) or tokens[place].type == "hardbreak":
        return ""
    token = tokens[place]
    return token.content[0 if step == 1 else -1] if token.type == "text" else "`"


def _is_space(character: str) -> bool:
    return not character or character.isspace()


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"
