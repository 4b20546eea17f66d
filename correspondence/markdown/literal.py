"""Texts that stand in Markdown as what they are."""

from __future__ import annotations

import re

_MARKS = re.compile(r"[\\`*_{}\[\]<>#|!~&]")
_BEGINS = re.compile(r"\A(?:[-+=]|[0-9]+(?=[.)]))")


def address(url: str) -> str:
    """Answer a well-formed URI as it is, between angle brackets if Markdown would make more of it than an address."""
    return url if literal(url) == url else f"<{url}>"


def literal_lines(body: str) -> str:
    """Answer a body with the same lines and paragraphs, and none of it as a mark."""
    paragraphs = re.split(r"\n\s*\n", body.strip())
    return "\n\n".join("\\\n".join(map(literal, paragraph.split("\n"))) for paragraph in paragraphs)


def literal(text: str) -> str:
    """Answer the text on one line, and none of it as a mark of Markdown or HTML."""
    escaped = _MARKS.sub(r"\\\g<0>", " ".join(text.split()))
    return _BEGINS.sub(lambda found: found[0] + "\\" if found[0].isdigit() else "\\" + found[0], escaped)
