"""A word of the body that stands for another text. Until that is put in, readers of Markdown take it for a letter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from markdown_it.token import Token

from correspondence.markdown.literal import literal

_PRIVATE_USE = range(0xF0000, 0xFFFFE)  # twice as many as a body has characters: three are always free
_CODE = {"code_inline", "fence"}
_TARGETS = ("href", "src")


@dataclass(frozen=True, slots=True)
class Marks:
    """A character for each kind of place that the word may stand in; the body has none of them."""

    in_text: str
    in_code: str
    in_target: str

    @classmethod
    def unused_by(cls, body: str) -> Marks:
        """Such characters."""
        used = set(body)
        free = (character for number in _PRIVATE_USE if (character := chr(number)) not in used)
        return cls(next(free), next(free), next(free))

    def tell_apart(self, tokens: Iterable[Token]) -> None:
        """What stands in code, and in the targets of links and images, gets its own character."""
        for token in tokens:
            if token.type in _CODE:
                token.content = token.content.replace(self.in_text, self.in_code)
            for name in _TARGETS:
                if name in token.attrs:
                    token.attrs[name] = self.target(str(token.attrs[name]))
            self.tell_apart(token.children or ())

    def target(self, address: str) -> str:
        """The address, marked as one."""
        return address.replace(self.in_text, self.in_target)

    def put_in(self, markdown: str, text: str) -> str:
        """Answer the Markdown with the text in all places, written as each demands: it is nobody's Markdown."""
        line = " ".join(text.split())
        in_code = line.translate({ord("`"): "'", ord("|"): "/"})  # what ends code, or a cell with code in it
        written = {self.in_text: literal(line), self.in_code: in_code, self.in_target: quote(line)}
        return markdown.translate({ord(mark): instead for mark, instead in written.items()})
