"""Clean HTML to the tree that `writing` writes: a walk along the tags, so that depth costs no stack."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser

from markdown_it.token import Token

from correspondence.markdown import html, targets
from correspondence.markdown.line import NOWHERE, Line, Mark
from correspondence.markdown.table import Table

_MARKS = {"a": "link", "em": "em", "s": "s", "strong": "strong"}
_CONTAINERS = {"blockquote": "blockquote", "ul": "bullet_list", "ol": "ordered_list", "li": "list_item"}
_LISTS = {"bullet_list", "ordered_list"}
_NOT_IN_NAMES = re.compile(r"[^\w+#./-]")  # of languages
_DEEPEST = 20  # containers inside of each other; what lies deeper stays, one level up
_LAST_NUMBER = 99_999_999  # of a list's start; Markdown knows nine digits


class Reader(HTMLParser):
    """Holds the blocks read, and the targets met on the way: all permitted ones, and those that were kept."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Token] = []
        self.met: list[str] = []
        self._line = Line()
        self._heading = 0  # its level
        self._code = 0  # elements open
        self._pre = 0  # elements open
        self._verbatim: list[str] = []  # the content of the outermost of them
        self._language = ""
        self._table = Table()
        self._containers: list[Token] = []
        self._opened: list[bool] = []  # for each container's tag, whether it made one

    @property
    def kept(self) -> set[str]:
        """The targets that links lead to."""
        return self._line.kept

    def close(self) -> None:
        super().close()
        self._flush()

    def handle_data(self, data: str) -> None:
        if self._pre:
            self._verbatim.append(data)
        else:
            one_line = self._heading or self._table.in_cell
            self._line.text(data.replace("\n", " ") if one_line else data, "code_inline" if self._code else "text")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._begin_link(given)
        elif tag in html.INLINE:
            self._begin_inline(tag, given)
        elif tag in html.TABLE:
            self._begin_part_of_table(tag, given)
        else:
            self._begin_block(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag in _MARKS:
            self._line.end(_MARKS[tag])
        elif tag == "code":
            self._code -= 1
        elif tag in html.TABLE:
            self._end_part_of_table(tag)
        elif tag not in html.INLINE:
            self._end_block(tag)

    def _begin_link(self, given: Mapping[str, str]) -> None:
        target = targets.permitted(given.get("href"))
        self._line.begin(Mark("link", target, given.get("title", "")) if target else NOWHERE)
        if target:
            self.met.append(target)

    def _begin_inline(self, tag: str, given: Mapping[str, str]) -> None:
        if tag in _MARKS:
            self._line.begin(Mark(_MARKS[tag]))
        elif tag == "code":
            self._code += 1
        elif tag == "img":
            self._image(given)
        elif self._pre or self._heading:
            self.handle_data("\n")
        elif self._line.line_break():
            self._flush()

    def _image(self, given: Mapping[str, str]) -> None:
        source = targets.permitted_image(given.get("src"))
        instead = " ".join(given.get("alt", "").split())
        if source and not self._pre:
            self._line.image(source, instead, given.get("title", ""))
        else:
            self.handle_data(instead)

    def _begin_block(self, tag: str, given: Mapping[str, str]) -> None:
        self._flush()
        if tag in _CONTAINERS:
            self._open(_CONTAINERS[tag], given)
        elif tag == "pre" and not self._table.in_cell:
            self._pre += 1
            self._language = self._language or _NOT_IN_NAMES.sub("", given.get("lang", ""))
        elif self._flat:
            return
        elif tag[0] == "h" and tag[1:].isdigit():
            self._heading = int(tag[1:])
        elif tag == "hr":
            # Dashes may make a heading of the line before, or be read as items.
            self._add(Token("hr", "", 0, markup="***" if self._containers else "---"))
        elif tag == "p" and self._containers and self._containers[-1].type == "list_item":
            self._containers[-1].meta["loose"] = True

    def _end_block(self, tag: str) -> None:
        self._flush()
        self._heading = 0
        if tag == "pre" and self._pre:
            self._end_verbatim()
        elif tag in _CONTAINERS and self._opened.pop():
            container = self._containers.pop()
            if container.children:
                self._add(container)

    @property
    def _flat(self) -> bool:
        """Tell whether there can be no blocks here, only lines."""
        return bool(self._pre) or self._table.in_cell

    def _end_verbatim(self) -> None:
        self._pre -= 1
        if self._pre:
            return
        content = "".join(self._verbatim).rstrip()
        if content:
            self._add(Token("fence", "", 0, info=self._language, content=content + "\n"))
        self._verbatim, self._language = [], ""

    def _open(self, kind: str, given: Mapping[str, str]) -> None:
        """Open a container where there can be one; an item needs a list."""
        stray = kind == "list_item" and not (self._containers and self._containers[-1].type in _LISTS)
        fits = not stray and not self._flat and len(self._containers) < _DEEPEST
        self._opened.append(fits)
        if fits:
            start = given.get("start", "")
            number = min(int(start), _LAST_NUMBER) if start.isascii() and start.isdigit() else 1
            self._containers.append(Token(kind, "", 0, children=[], meta={"start": number}))

    def _add(self, block: Token) -> None:
        """Put a block where reading has come to. What stands between the items of a list belongs to one of them."""
        siblings = self.blocks
        if self._containers:
            parent = self._containers[-1]
            siblings = _children(parent)
            if parent.type in _LISTS and block.type != "list_item":
                if not siblings:
                    siblings.append(Token("list_item", "", 0, children=[]))
                siblings = _children(siblings[-1])
        if block.type in _LISTS:
            block.markup = _marker(block, siblings[-1] if siblings else None)
        siblings.append(block)

    def _flush(self) -> None:
        """End the paragraph or heading; a cell has neither, and goes on in a new line."""
        if self._pre:
            self._verbatim.append("\n")
        elif self._table.in_cell:
            self._line.line_break()
        elif tokens := self._line.take():
            inline = Token("inline", "", 0, children=tokens)
            if self._heading:
                self._add(Token("heading", "", 0, children=[inline], markup="#" * self._heading))
            else:
                self._add(Token("paragraph", "", 0, children=[inline]))

    def _begin_part_of_table(self, tag: str, given: Mapping[str, str]) -> None:
        self._flush()
        if not self._pre:
            self._table.begin(tag, given)

    def _end_part_of_table(self, tag: str) -> None:
        content = self._line.take() if self._table.ends_cell(tag) else []
        self._flush()
        if not self._pre and (table := self._table.end(tag, content)):
            self._add(table)


def _children(parent: Token) -> list[Token]:
    parent.children = parent.children or []
    return parent.children


def _marker(block: Token, before: Token | None) -> str:
    """Answer what the items begin with. Of two lists that follow each other the second has another sign."""
    first, second = ("-", "*") if block.type == "bullet_list" else (".", ")")
    return second if before and before.type == block.type and before.markup == first else first
