"""Where links and images may lead."""

from __future__ import annotations

import re
from urllib.parse import quote

_IGNORED = re.compile(r"[\t\n\r]|^[\x00-\x20]+|[\x00-\x20]+$")  # by browsers, wherever they stand
_PERMITTED = re.compile(r"https?://[^\s/\\?#]|mailto:\S", re.IGNORECASE)
_BREAKS_OUT = re.compile(r'[\s\x00-\x1f\x7f<>"\\`|]')  # of a target in Markdown


def permitted(target: str | None) -> str:
    """Answer the target as it may stand in Markdown, or "" unless it is an address by http, https or mailto.

    What has no scheme of its own leads nowhere from a letter, and `//host` is one spelling of that.
    """
    target = _IGNORED.sub("", target or "")
    return _BREAKS_OUT.sub(lambda found: quote(found[0]), target) if _PERMITTED.match(target) else ""


def permitted_image(source: str | None) -> str:
    """Answer the source as `permitted` does; nothing can be shown by mailto."""
    source = permitted(source)
    return source if source.lower().startswith("http") else ""
