"""Recipients as people type them, or copy them from a letter: spaced, with a country in front, in capitals."""

import re

from recipients.identifiers import NotARecipient, party_urn

_BETWEEN_DIGITS = re.compile(r"[\s.\-]+")
_NUMBER = re.compile(r"(?:0192:|NO)?(?P<digits>[0-9]{9}|[0-9]{11})(?:MVA)?", re.IGNORECASE)


def typed_party(text: str) -> str | None:
    """The URN of whom somebody means by this; None for what is no recipient's name."""
    match = _NUMBER.fullmatch(_BETWEEN_DIGITS.sub("", text))
    try:
        return party_urn(match["digits"] if match else text.strip().lower())
    except NotARecipient:
        return None
