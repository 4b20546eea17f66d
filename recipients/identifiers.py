"""How recipients are named on the wire, and the one form they are kept and compared in: contract/validation.md §2."""

import re
from collections.abc import Callable, Sequence
from operator import mul

from django.utils.translation import gettext, gettext_noop

from config.kernel.masking import mask_person_numbers

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
_ORGANIZATION_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2, 1)
_ORGANIZATION_OF_ZEROS = ord("0") * sum(_ORGANIZATION_WEIGHTS)
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

    @property
    def told(self) -> str:
        """The rule in the language of who reads it in the back-office; on the wire it is English."""
        return gettext(self.rule)


def organization_urn(digits: str) -> str:
    """The URN of an organisation, from its bare 9 digits (not checked)."""
    return ORGANIZATION_PREFIX + digits


def person_urn(digits: str) -> str:
    """The URN of a person, from the bare 11 digits (not checked)."""
    return PERSON_PREFIX + digits


def is_person(urn: str) -> bool:
    """Whether a normalised URN names a person, in any of the ways that persons are named."""
    return urn.startswith(_PERSON_PREFIXES)


def short_name(urn: str) -> str:
    """`organization: 314762290`, `person: ***********`: what tells parties apart in a narrow column, masked."""
    kind, _, name = urn.removeprefix("urn:altinn:").rpartition(":")
    return mask_person_numbers(f"{kind.removesuffix(':identifier-no')}: {name}")


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
    raise NotARecipient(_PERSON_DIGITS_RULE)


def registered_urn(text: str, read: Callable[[str], str] = parse_recipient) -> str:
    """The normalised URN of a party that is to be written down, as `read` finds it (`party_urn`: by bare digits too).

    Here, and not on the wire (contract/validation.md §2), an organisation number's check digit must fit: who types one
    wrong would give a stranger what is meant for another.

    Raises:
        NotARecipient: it has none of the forms, or a check digit does not fit.
    """
    urn = read(text)
    if urn.startswith(ORGANIZATION_PREFIX) and not organization_number_is_valid(urn[len(ORGANIZATION_PREFIX) :]):
        raise NotARecipient(ORGANIZATION_DIGIT_RULE)
    return urn


def party_urn(text: str) -> str:
    """The normalised URN of a party as operators name it: in any form of a recipient, or by 9 bare digits.

    Raises:
        NotARecipient: it has none of these forms; the text is not repeated.
    """
    return organization_urn(text) if _BARE_ORGANIZATION.fullmatch(text) else parse_recipient(text)


def organization_number_is_valid(digits: str) -> bool:
    """True if `digits` are 9 ASCII digits whose last one is the check digit (mod 11) of the others."""
    if len(digits) != 9 or not (digits.isascii() and digits.isdigit()):
        return False
    weighed: int = sum(map(mul, _ORGANIZATION_WEIGHTS, digits.encode())) - _ORGANIZATION_OF_ZEROS
    return weighed % 11 == 0


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


ORGANIZATION_DIGIT_RULE = gettext_noop("has an organisation number whose check digit does not fit")
_PERSON_DIGITS_RULE = gettext_noop("has a national identity number whose check digits do not fit")
_ORGANIZATION_RULE = gettext_noop("has an organisation number that is not 9 digits")
_PERSON_RULE = gettext_noop("has a national identity number that is not 11 digits")
_EMAIL_RULE = gettext_noop("has an e-mail address without exactly one @ inside it, or with a colon")
_NAME_RULE = gettext_noop("has a user name that is empty or holds a colon")
_LENGTH_RULE = gettext_noop("is longer than 512 characters")
_EMPTY_RULE = gettext_noop("is empty")
_BLANKS_RULE = gettext_noop("has blanks around it")
_ANY_URN_PREFIX = f"{ORGANIZATION_PREFIX}|{PERSON_PREFIX}|{IDPORTEN_EMAIL_PREFIX}|{SELFIDENTIFIED_PREFIX}"

_BARE_ORGANIZATION = re.compile(r"[0-9]{9}\Z")

# First fit decides. Patterns are tried at the start of the text; the last one fits all.
_RULES = (
    (_BARE_ORGANIZATION, gettext_noop("is an organisation number without the prefix 0192:")),
    (re.compile(ISO6523_PREFIX), _ORGANIZATION_RULE),
    (re.compile(r"[0-9]{4}:[0-9]+\Z"), gettext_noop("has an ISO 6523 prefix other than 0192:")),
    (re.compile(r"[0-9]+\Z"), gettext_noop("is a number of neither 11 digits nor 9 behind 0192:")),
    (re.compile(ORGANIZATION_PREFIX), _ORGANIZATION_RULE),
    (re.compile(PERSON_PREFIX), _PERSON_RULE),
    (re.compile(IDPORTEN_EMAIL_PREFIX), _EMAIL_RULE),
    (re.compile(SELFIDENTIFIED_PREFIX), _NAME_RULE),
    (re.compile(_ANY_URN_PREFIX, re.IGNORECASE), gettext_noop("has a prefix that is not in lower case")),
    (re.compile(""), gettext_noop("is neither 0192: with 9 digits, nor 11 digits, nor a recipient's URN")),
)


def _rule_broken_by(text: str) -> str:
    if len(text) > MAX_RECIPIENT_LENGTH:
        return _LENGTH_RULE
    if not text.strip():
        return _EMPTY_RULE
    if text != text.strip():
        return _BLANKS_RULE
    return next(rule for pattern, rule in _RULES if pattern.match(text))
