"""How recipients are named on the wire, and the one form they are kept and compared in: contract/validation.md §2."""

import re
from collections.abc import Sequence
from operator import mul

ISO6523_PREFIX = "0192:"
ORGANIZATION_PREFIX = "urn:altinn:organization:identifier-no:"
PERSON_PREFIX = "urn:altinn:person:identifier-no:"
IDPORTEN_EMAIL_PREFIX = "urn:altinn:person:idporten-email:"
SELFIDENTIFIED_PREFIX = "urn:altinn:person:legacy-selfidentified:"
_PERSON_PREFIXES = (PERSON_PREFIX, IDPORTEN_EMAIL_PREFIX, SELFIDENTIFIED_PREFIX)

MAX_RECIPIENT_LENGTH = 512

_NUMBERED = re.compile(
    rf"(?:{ISO6523_PREFIX}|{ORGANIZATION_PREFIX})(?P<organization>[0-9]{{9}})"
    rf"|(?:{PERSON_PREFIX})?(?P<person>[0-9]{{11}})"
)
# No control characters: an address becomes a header of an e-mail some day.
_NAMED = re.compile(
    rf"{IDPORTEN_EMAIL_PREFIX}[^@:\x00-\x1f\x7f]+@[^@:\x00-\x1f\x7f]+|{SELFIDENTIFIED_PREFIX}[^:\x00-\x1f\x7f]+"
)

# The formula's weights, and 1 for the check digit itself: a number fits when both sums are divisible by 11.
_FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
# Sums are taken over character codes, twice as fast as over int(): what eleven zeros give has to come off again.
_FIRST_OF_ZEROS = ord("0") * sum(_FIRST_WEIGHTS)
_SECOND_OF_ZEROS = ord("0") * sum(_SECOND_WEIGHTS)


class NotARecipient(ValueError):
    """An entry has none of the forms of a recipient.

    The text names the rule and never repeats the entry: it may hold a person number. `position` is the entry's place
    in its list, counted from 0, or None when it stood alone.
    """

    def __init__(self, rule: str, position: int | None = None) -> None:
        super().__init__(rule if position is None else f"recipients[{position}] {rule}")
        self.rule = rule
        self.position = position


def organization_urn(digits: str) -> str:
    """The URN of an organisation, from its bare 9 digits (not checked)."""
    return ORGANIZATION_PREFIX + digits


def person_urn(digits: str) -> str:
    """The URN of a person, from the bare 11 digits (not checked)."""
    return PERSON_PREFIX + digits


def is_person(urn: str) -> bool:
    """Whether a normalised URN names a person, in any of the ways that persons are named."""
    return urn.startswith(_PERSON_PREFIXES)


def parse_recipients(texts: Sequence[str]) -> list[str]:
    """The normalised URNs of a list, in order, duplicates kept. How many there may be is the schema's business.

    Raises:
        NotARecipient: for the first bad entry, with its position.
    """
    urns: list[str] = []
    try:
        for text in texts:
            urns.append(parse_recipient(text))  # noqa: PERF401 - how far it came tells the position
    except NotARecipient as fault:
        raise NotARecipient(fault.rule, position=len(urns)) from None
    return urns


def parse_recipient(text: str) -> str:
    """The normalised URN of one recipient: two spellings of the same recipient give the same text.

    Raises:
        NotARecipient: the text has none of the forms of validation.md §2.
    """
    match = _NUMBERED.fullmatch(text)
    if match is None:
        return _parse_named(text)
    if match["organization"]:
        return organization_urn(match["organization"])
    if national_identity_number_is_valid(match["person"]):
        return person_urn(match["person"])
    raise NotARecipient("has a national identity number whose check digits do not fit")


def party_urn(text: str) -> str:
    """The normalised URN of a party as operators name it: in any form of a recipient, or by 9 bare digits.

    Raises:
        NotARecipient: it has none of these forms; the text is not repeated.
    """
    return organization_urn(text) if _BARE_ORGANIZATION.fullmatch(text) else parse_recipient(text)


def national_identity_number_is_valid(digits: str) -> bool:
    """True if `digits` are 11 ASCII digits and both check digits fit. There is no calendar, as in the original."""
    if len(digits) != 11 or not (digits.isascii() and digits.isdigit()):
        return False
    codes = digits.encode()
    first: int = sum(map(mul, _FIRST_WEIGHTS, codes)) - _FIRST_OF_ZEROS
    second: int = sum(map(mul, _SECOND_WEIGHTS, codes)) - _SECOND_OF_ZEROS
    return first % 11 == 0 and second % 11 == 0


def _parse_named(text: str) -> str:
    if len(text) > MAX_RECIPIENT_LENGTH or text != text.strip() or _NAMED.fullmatch(text) is None:
        raise NotARecipient(_rule_broken_by(text))
    return text.lower()


_ORGANIZATION_RULE = "has an organisation number that is not 9 digits"
_PERSON_RULE = "has a national identity number that is not 11 digits"
_EMAIL_RULE = "has an e-mail address without exactly one @ inside it, or with a colon"
_NAME_RULE = "has a user name that is empty or holds a colon"
_ANY_URN_PREFIX = f"{ORGANIZATION_PREFIX}|{PERSON_PREFIX}|{IDPORTEN_EMAIL_PREFIX}|{SELFIDENTIFIED_PREFIX}"

_BARE_ORGANIZATION = re.compile(r"[0-9]{9}\Z")

# First fit decides. Patterns are tried at the start of the text; the last one fits all.
_RULES = (
    (_BARE_ORGANIZATION, f"is an organisation number without the prefix {ISO6523_PREFIX}"),
    (re.compile(ISO6523_PREFIX), _ORGANIZATION_RULE),
    (re.compile(r"[0-9]{4}:[0-9]+\Z"), f"has an ISO 6523 prefix other than {ISO6523_PREFIX}"),
    (re.compile(r"[0-9]+\Z"), f"is a number of neither 11 digits nor 9 behind {ISO6523_PREFIX}"),
    (re.compile(ORGANIZATION_PREFIX), _ORGANIZATION_RULE),
    (re.compile(PERSON_PREFIX), _PERSON_RULE),
    (re.compile(IDPORTEN_EMAIL_PREFIX), _EMAIL_RULE),
    (re.compile(SELFIDENTIFIED_PREFIX), _NAME_RULE),
    (re.compile(_ANY_URN_PREFIX, re.IGNORECASE), "has a prefix that is not in lower case"),
    (re.compile(""), f"is neither {ISO6523_PREFIX} with 9 digits, nor 11 digits, nor a recipient's URN"),
)


def _rule_broken_by(text: str) -> str:
    if len(text) > MAX_RECIPIENT_LENGTH:
        return f"is longer than {MAX_RECIPIENT_LENGTH} characters"
    if not text.strip():
        return "is empty"
    if text != text.strip():
        return "has blanks around it"
    return next(rule for pattern, rule in _RULES if pattern.match(text))
