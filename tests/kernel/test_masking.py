"""No person number leaves through logs, admin lists or problem details (design.md §7)."""

import pytest

from config.kernel.masking import mask_person_numbers

_NUMBER = "01818517641"
_MASK = "***********"

MASKED = {
    "alone": (_NUMBER, _MASK),
    "in a sentence": (f"Person {_NUMBER}.", f"Person {_MASK}."),
    "in a URN": (f"urn:altinn:person:identifier-no:{_NUMBER}", f"urn:altinn:person:identifier-no:{_MASK}"),
    "in a path": (f"/person/{_NUMBER}/", f"/person/{_MASK}/"),
    "in a query": (f"?pid={_NUMBER}&x=1", f"?pid={_MASK}&x=1"),
    "in JSON": (f'{{"pid":"{_NUMBER}"}}', f'{{"pid":"{_MASK}"}}'),
    "in a list": (f"{_NUMBER},{_NUMBER}", f"{_MASK},{_MASK}"),
    "between letters": (f"pid{_NUMBER}x", f"pid{_MASK}x"),
    "between hexadecimal letters": (f"abc{_NUMBER}f", f"abc{_MASK}f"),
    "between underscores": (f"_{_NUMBER}_", f"_{_MASK}_"),
    "between hyphens": (f"a-{_NUMBER}-b", f"a-{_MASK}-b"),
    "after an escaped blank": (f"%20{_NUMBER}", f"%20{_MASK}"),
    "after an escaped colon": (f"no%3A{_NUMBER}", f"no%3A{_MASK}"),
    "after letters of ours": (f"ø{_NUMBER}å", f"ø{_MASK}å"),
    "beside digits of another script": (f"٣{_NUMBER}٣", f"٣{_MASK}٣"),
    "on several lines": (f"a\n{_NUMBER}\n", f"a\n{_MASK}\n"),
    "other numbers of eleven digits": ("12345678903", _MASK),
}

KEPT = {
    "nothing": "",
    "an organisation number": "urn:altinn:organization:identifier-no:314762290",
    "ten digits": "0181851764",
    "twelve digits": "018185176410",
    "a telephone number": "+4791234567 004791234567",
    "a UUID": "0190163d-8694-739b-aea5-966c26f8ad91",
    "a UUID with eleven digits before a letter": "0190163d-8694-739b-aea5-01818517641f",
    "a UUID with eleven digits after a letter": "0190163d-8694-739b-aea5-f01818517641",
    "a UUID in upper case, quoted": '"0190163D-8694-739B-AEA5-01818517641F"',
    "a UUID of digits": "01901631-8694-7390-1115-018185176410",
    "a moment": "2026-01-02T03:04:05.1234567Z",
    "a moment in milliseconds": "1767323045123",
    "a trace id": "00-4bf92f01818517641ada929d0e0e4736-00f067aa0ba902b7-01",
    "a span id": "00-4bf92f3577b34da6a3ce929d0e0e4736-01818517641aabcd-01",
    "an MD5 checksum": "d41d8cd98f00b01818517641abcdef12",
    "a SHA-256 checksum": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca01818517641abcd",
    "digits of another script": "٠١٨١٨٥١٧٦٤١",
}


@pytest.mark.parametrize(("text", "masked"), MASKED.values(), ids=MASKED)
def test_a_person_number_is_masked_whole(text: str, masked: str) -> None:
    assert mask_person_numbers(text) == masked


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_other_ids_stay_readable(text: str) -> None:
    assert mask_person_numbers(text) == text


def test_a_person_number_beside_ids_is_masked_and_they_are_not() -> None:
    line = "0190163d-8694-739b-aea5-01818517641f {} 314762290"

    assert mask_person_numbers(line.format(_NUMBER)) == line.format(_MASK)


def test_masking_twice_changes_nothing_more() -> None:
    once = mask_person_numbers(f"{_NUMBER} {_NUMBER}")

    assert mask_person_numbers(once) == once
