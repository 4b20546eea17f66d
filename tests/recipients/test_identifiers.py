"""Identifiers of recipients against contract/validation.md §2 and its examples."""

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from stdnum.no import fodselsnummer, orgnr

from recipients.identifiers import (
    NotARecipient,
    is_person,
    national_identity_number_is_valid,
    organization_urn,
    parse_recipient,
    parse_recipients,
    person_urn,
)

_EXAMPLES: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "contract" / "examples" / "identifiers.json").read_text(encoding="utf-8")
)
_PERSONS: list[str] = [person["id"] for person in _EXAMPLES["persons"]]
_ORGANISATIONS: list[str] = _EXAMPLES["organisations"]
_INVALID: dict[str, str] = {entry["why"]: entry["id"] for entry in _EXAMPLES["invalidAsRecipient"]}
_ACCEPTED_THOUGH_WRONG: dict[str, str] = {
    entry["why"]: entry["id"] for entry in _EXAMPLES["acceptedBySchemaAlthoughWrong"]
}

_ORG = "urn:altinn:organization:identifier-no:"
_PERSON = "urn:altinn:person:identifier-no:"
_EMAIL = "urn:altinn:person:idporten-email:"
_NAME = "urn:altinn:person:legacy-selfidentified:"

GOOD = {
    "organisation with ISO prefix": ("0192:314762290", _ORG + "314762290"),
    "organisation URN": (_ORG + "314762290", _ORG + "314762290"),
    "bare person number": ("01818517641", _PERSON + "01818517641"),
    "person URN": (_PERSON + "01818517641", _PERSON + "01818517641"),
    "address": (_EMAIL + "kari@example.com", _EMAIL + "kari@example.com"),
    "address in upper case": (_EMAIL + "Kari.Nordmann@EXAMPLE.com", _EMAIL + "kari.nordmann@example.com"),
    "address without a dot": (_EMAIL + "a@b", _EMAIL + "a@b"),
    "address with a blank inside": (_EMAIL + "kari n@example.com", _EMAIL + "kari n@example.com"),
    "user name": (_NAME + "bruker7", _NAME + "bruker7"),
    "user name in upper case, letters of ours": (_NAME + "BRUKER Ærlig", _NAME + "bruker ærlig"),
    "user name with an @": (_NAME + "a@b@c", _NAME + "a@b@c"),
    "512 characters": (_NAME + "a" * (512 - len(_NAME)), _NAME + "a" * (512 - len(_NAME))),
}

_FITS_NOT = "has a national identity number whose check digits do not fit"
_NOT_NINE = "has an organisation number that is not 9 digits"
_NO_NUMBER = "is a number of neither 11 digits nor 9 behind 0192:"
_NOT_ELEVEN = "has a national identity number that is not 11 digits"
_BAD_EMAIL = "has an e-mail address without exactly one @ inside it, or with a colon"
_BAD_NAME = "has a user name that is empty or holds a colon"
_NO_FORM = "is neither 0192: with 9 digits, nor 11 digits, nor a recipient's URN"
_UPPER_CASE = "has a prefix that is not in lower case"
_BLANKS_AROUND = "has blanks around it"

BAD = {
    "empty": ("", "is empty"),
    "blank": (" \t", "is empty"),
    "bare organisation number": ("314762290", "is an organisation number without the prefix 0192:"),
    "another scheme": ("9908:314762290", "has an ISO 6523 prefix other than 0192:"),
    "eight digits after 0192": ("0192:31476229", _NOT_NINE),
    "ten digits after 0192": ("0192:3147622901", _NOT_NINE),
    "no digits after 0192": ("0192:", _NOT_NINE),
    "a letter among the digits": ("0192:31476229O", _NOT_NINE),
    "digits of another script": ("0192:٣١٤٧٦٢٢٩٠", _NOT_NINE),
    "ten digits after the URN": (_ORG + "3147622901", _NOT_NINE),
    "0192 after the URN": (_ORG + "0192:314762290", _NOT_NINE),
    "ten digits": ("0181851764", _NO_NUMBER),
    "twelve digits": ("018185176411", _NO_NUMBER),
    "ten digits after the person URN": (_PERSON + "0181851764", _NOT_ELEVEN),
    "person number in another script": (_PERSON + "٠١٨١٨٥١٧٦٤١", _NOT_ELEVEN),
    "bare person number in another script": ("٠١٨١٨٥١٧٦٤١", _NO_FORM),
    "full-width person number": ("０１８１８５１７６４１", _NO_FORM),
    "check digits": ("01818517642", _FITS_NOT),
    "check digits after the URN": (_PERSON + "01818517642", _FITS_NOT),
    "person number after 0192": ("0192:01818517641", _NOT_NINE),
    "organisation prefix in upper case": (_ORG.upper() + "314762290", _UPPER_CASE),
    "e-mail prefix in mixed case": (_EMAIL.title() + "kari@example.com", _UPPER_CASE),
    "British spelling": ("urn:altinn:organisation:identifier-no:314762290", _NO_FORM),
    "an address alone": ("kari@example.com", _NO_FORM),
    "a UUID": ("0190163d-8694-739b-aea5-966c26f8ad91", _NO_FORM),
    "no address": (_EMAIL, _BAD_EMAIL),
    "address without @": (_EMAIL + "kari", _BAD_EMAIL),
    "@ first": (_EMAIL + "@example.com", _BAD_EMAIL),
    "@ last": (_EMAIL + "kari@", _BAD_EMAIL),
    "two @": (_EMAIL + "kari@nordmann@example.com", _BAD_EMAIL),
    "colon in the address": (_EMAIL + "epost:kari@example.com", _BAD_EMAIL),
    "no user name": (_NAME, _BAD_NAME),
    "blank user name": (_NAME + " ", _BLANKS_AROUND),
    "colon in the user name": (_NAME + "bruker:7", _BAD_NAME),
    "blank before": (" 01818517641", _BLANKS_AROUND),
    "blank after": ("0192:314762290 ", _BLANKS_AROUND),
    "line break after digits": ("01818517641\n", _BLANKS_AROUND),
    "line break after an organisation": (_ORG + "314762290\n", _BLANKS_AROUND),
    "line break after an address": (_EMAIL + "kari@example.com\n", _BLANKS_AROUND),
    "no-break space after": ("01818517641\u00a0", _BLANKS_AROUND),
    "513 characters": (_NAME + "a" * (513 - len(_NAME)), "is longer than 512 characters"),
}


@pytest.mark.parametrize(("text", "urn"), GOOD.values(), ids=GOOD)
def test_each_form_has_one_urn(text: str, urn: str) -> None:
    assert parse_recipient(text) == urn


@pytest.mark.parametrize(("text", "urn"), GOOD.values(), ids=GOOD)
def test_whoever_is_no_organisation_is_a_person(text: str, urn: str) -> None:
    assert is_person(parse_recipient(text)) is not urn.startswith(_ORG)


@pytest.mark.parametrize(("text", "rule"), BAD.values(), ids=BAD)
def test_a_refusal_names_the_rule_and_no_position(text: str, rule: str) -> None:
    with pytest.raises(NotARecipient) as refusal:
        parse_recipient(text)

    assert (str(refusal.value), refusal.value.rule, refusal.value.position) == (rule, rule, None)


@pytest.mark.parametrize("text", _INVALID.values(), ids=_INVALID)
def test_the_contracts_invalid_examples_are_refused(text: str) -> None:
    with pytest.raises(NotARecipient):
        parse_recipient(text)


@pytest.mark.parametrize("text", _ACCEPTED_THOUGH_WRONG.values(), ids=_ACCEPTED_THOUGH_WRONG)
def test_the_contracts_doubtful_examples_are_accepted(text: str) -> None:
    assert parse_recipient(text).endswith(text.removeprefix("0192:"))


@pytest.mark.parametrize("text", [text for text, _ in BAD.values()] + list(_INVALID.values()), ids=repr)
def test_a_refusal_repeats_no_digits_of_the_entry(text: str) -> None:
    with pytest.raises(NotARecipient) as refusal:
        parse_recipients(["0192:314762290", text])

    told = {int(number) for number in re.findall(r"\d+", str(refusal.value))}
    assert told <= {1, 9, 11, 192, 512, 6523}  # 1 is the position, the others belong to the rules
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


def test_a_list_keeps_its_order_and_its_duplicates() -> None:
    texts = ["01818517641", "0192:314762290", _ORG + "314762290", _EMAIL + "A@B.no"]

    assert parse_recipients(texts) == [
        _PERSON + "01818517641",
        _ORG + "314762290",
        _ORG + "314762290",
        _EMAIL + "a@b.no",
    ]


def test_an_empty_list_is_no_fault_here() -> None:
    assert parse_recipients([]) == []


def test_the_first_bad_entry_of_a_list_is_named_by_its_position() -> None:
    with pytest.raises(NotARecipient) as refusal:
        parse_recipients([*_PERSONS[:3], "01818517642", "314762290"])

    assert refusal.value.position == 3
    assert refusal.value.rule == _FITS_NOT
    assert str(refusal.value) == f"recipients[3] {_FITS_NOT}"


def test_the_first_entry_has_position_0() -> None:
    with pytest.raises(NotARecipient, match=r"\Arecipients\[0\] is empty\Z"):
        parse_recipients([""])


def test_urns_are_built_from_bare_digits() -> None:
    assert organization_urn("314762290") == _ORG + "314762290"
    assert person_urn("01818517641") == _PERSON + "01818517641"


@pytest.mark.parametrize("digits", _PERSONS)
def test_the_contracts_persons_are_valid(digits: str) -> None:
    assert national_identity_number_is_valid(digits)
    assert fodselsnummer.calc_check_digit1(digits) + fodselsnummer.calc_check_digit2(digits) == digits[9:]
    assert parse_recipient(digits) == person_urn(digits)


@pytest.mark.parametrize("digits", _ORGANISATIONS)
def test_the_contracts_organisations_honour_their_control_digit(digits: str) -> None:
    assert orgnr.is_valid(digits)
    assert parse_recipient("0192:" + digits) == organization_urn(digits)


@pytest.mark.parametrize(
    "text", ["", "0181851764", "018185176411", "0181851764x", "٠١٨١٨٥١٧٦٤١", "0181851764\n", "+1818517641"]
)
def test_what_is_not_eleven_ascii_digits_is_no_valid_number(text: str) -> None:
    assert national_identity_number_is_valid(text) is False


def test_check_digits_agree_with_the_formula_read_aloud() -> None:
    """All 100 endings of a sample of bodies: at most one fits, and it is the one the contract's formula gives."""
    sample = random.Random(20240229)
    unfit = 0
    for _ in range(1000):
        body = f"{sample.randrange(10**9):09}"
        fitting = [ending for ending in _ENDINGS if national_identity_number_is_valid(body + ending)]

        assert fitting == _endings_by_the_formula(body)
        unfit += not fitting
    assert unfit > 100  # about 17 % of the bodies have a check digit of 10, so both branches were tried


def test_check_digits_agree_with_stdnum_on_numbers_it_knows() -> None:
    """Ordinary birth dates of 1900-1999, where stdnum's calendar has no objection of its own."""
    sample = random.Random(19)
    valid = 0
    for _ in range(5000):
        date = f"{sample.randrange(1, 29):02}{sample.randrange(1, 13):02}{sample.randrange(100):02}"
        digits = f"{date}{sample.randrange(500):03}{sample.choice(_ENDINGS)}"
        assert national_identity_number_is_valid(digits) == fodselsnummer.is_valid(digits)
        valid += fodselsnummer.is_valid(digits)
    assert valid > 10  # one in 121


_ENDINGS = [f"{ending:02}" for ending in range(100)]


def _endings_by_the_formula(body: str) -> list[str]:
    d1, d2, d3, d4, d5, d6, d7, d8, d9 = (int(digit) for digit in body)
    k1 = 11 - (3 * d1 + 7 * d2 + 6 * d3 + 1 * d4 + 8 * d5 + 9 * d6 + 4 * d7 + 5 * d8 + 2 * d9) % 11
    k1 = 0 if k1 == 11 else k1
    k2 = 11 - (5 * d1 + 4 * d2 + 3 * d3 + 2 * d4 + 7 * d5 + 6 * d6 + 5 * d7 + 4 * d8 + 3 * d9 + 2 * k1) % 11
    k2 = 0 if k2 == 11 else k2
    return [] if 10 in (k1, k2) else [f"{k1}{k2}"]
