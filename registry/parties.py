"""How operators name parties."""

import re

from recipients.identifiers import organization_urn, parse_recipient

_BARE_ORGANIZATION = re.compile(r"[0-9]{9}")


def party_urn(text: str) -> str:
    """The normalised URN of a party, from any form that a recipient may be written in, or from 9 bare digits.

    Raises:
        NotARecipient: it has none of these forms; the text is not repeated.
    """
    return organization_urn(text) if _BARE_ORGANIZATION.fullmatch(text) else parse_recipient(text)
