"""The forms in which UUIDs are written on the wire (contract http-api.md §2), and the moments that version 7 holds."""

import re
from datetime import UTC, datetime
from uuid import UUID

_HYPHENATED = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_BARE = re.compile(r"[0-9a-f]{32}", re.IGNORECASE | re.ASCII)
_MOST_MILLISECONDS = (1 << 48) - 1  # of version 7


def parse_hyphenated(text: str) -> UUID | None:
    """The UUID of 36 characters in any casing, as JSON carries it; None for any other text."""
    return UUID(text) if _HYPHENATED.fullmatch(text) else None


def parse_any(text: str) -> UUID | None:
    """As above, and the 32-digit and braced forms, as paths and queries may carry it."""
    inner = text[1:-1] if text[:1] + text[-1:] in {"{}", "()"} else text
    return UUID(inner) if _HYPHENATED.fullmatch(inner) or _BARE.fullmatch(text) else None


def typed(text: str) -> UUID | None:
    """As people type or paste one: any of these forms, or a URN, with blanks around it."""
    return parse_any(text.strip().lower().removeprefix("urn:uuid:"))


def first_at(moment: datetime) -> UUID:
    """What is not above any UUIDv7 made at this moment or later, and above all that were made before."""
    return UUID(int=min(max(int(moment.timestamp() * 1000), 0), _MOST_MILLISECONDS) << 80)


def made_at(id: UUID) -> datetime | None:
    """When a UUIDv7 was made, by the clock of who made it; None where it tells no moment of the calendar."""
    try:
        return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)
    except (ValueError, OverflowError):
        return None
