"""Person numbers in what leaves the service sideways: logs, admin lists, texts of problem details (design.md §7)."""

import re
from typing import Any

_MASK = "*" * 11

# Masks rather too much than too little: letters, underscores and punctuation beside the number do not save it
# ("pid01818517641x"), nor does "%20" before it, whose digits would else make the run a longer one. Account numbers and
# byte counts of 11 digits go too. Longer and shorter runs stay: telephone and organisation numbers, moments.
# Left readable on purpose, as whole tokens, because operators search by them: UUIDs, and the hexadecimal trace ids,
# span ids and checksums of 16, 32 or 64 digits. Their groups now and then hold 11 decimal digits in a row.
_PERSON_NUMBER_OR_ID = re.compile(
    r"(?<![0-9A-Za-z])"
    r"(?P<id>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{32}|[0-9A-Fa-f]{16})"
    r"(?![0-9A-Za-z])"
    r"|(?:(?<![0-9])|(?<=%[0-9A-Fa-f][0-9]))[0-9]{11}(?![0-9])"
)


def mask_person_numbers(text: str) -> str:
    """`text` with every run of exactly 11 ASCII digits replaced by stars, except inside UUIDs and hexadecimal ids."""
    return _PERSON_NUMBER_OR_ID.sub(lambda match: match["id"] or _MASK, text)


def masked(value: Any) -> Any:
    """Texts masked wherever they stand; numbers and the like as they are, a rendered line must stay JSON."""
    if isinstance(value, int | float | None):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(item) for item in value]
    if isinstance(value, dict):
        return {mask_person_numbers(str(key)): masked(item) for key, item in value.items()}
    return mask_person_numbers(str(value))
