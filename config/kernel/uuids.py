"""The forms in which UUIDs are written on the wire (contract http-api.md §2)."""

import re
from uuid import UUID

_HYPHENATED = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_BARE = re.compile(r"[0-9a-f]{32}", re.IGNORECASE | re.ASCII)


def parse_hyphenated(text: str) -> UUID | None:
    """The UUID of 36 characters in any casing, as JSON carries it; None for any other text."""
    return UUID(text) if _HYPHENATED.fullmatch(text) else None


def parse_any(text: str) -> UUID | None:
    """As above, and the 32-digit and braced forms, as paths and queries may carry it."""
    inner = text[1:-1] if text[:1] + text[-1:] in {"{}", "()"} else text
    return UUID(inner) if _HYPHENATED.fullmatch(inner) or _BARE.fullmatch(text) else None
