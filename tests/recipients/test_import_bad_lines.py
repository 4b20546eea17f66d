"""`manage.py import_parties`: lines that are left out, and how that is told."""

import csv
from pathlib import Path

import pytest

from recipients.models import Party
from tests.recipients.importing import Imports, counts, organizations

HEADER = "identifier,name,reserved,email,mobile,confidential_role,party_id"
GOOD = "0192:314762290,GOOD,,,,,"
BAD_WORD = "Enter true or false, 1 or 0, ja or nei, yes or no, or nothing for false."
BAD_MOBILE = "mobile: Enter 8 digits, or + or 00 and digits, without blanks."

BAD = {
    "no identifier": (",x,,,,,", "identifier is empty"),
    "bare 9 digits": (
        "314762290,x,,,,,",
        "identifier is an organisation number without the prefix 0192:",
    ),
    "check digits": ("01818517642,x,,,,,", "identifier has a national identity number whose check digits do not fit"),
    "blanks around the identifier": (" 01818517641,x,,,,,", "identifier has blanks around it"),
    "identifier too long": (
        f"urn:altinn:person:legacy-selfidentified:{'a' * 500},x,,,,,",
        "identifier is longer than 512 characters",
    ),
    "name too long": (
        f"01818517641,{'x' * 256},,,,,",
        "name: Ensure this value has at most 255 characters (it has 256).",
    ),
    "no truth": ("01818517641,x,maybe,,,,", f"reserved: {BAD_WORD}"),
    "no truth of the role": ("01818517641,x,,,,2,", f"confidential_role: {BAD_WORD}"),
    "no address": ("01818517641,x,,kari.example.com,,,", "email: Enter a valid email address."),
    "address too long": (f"01818517641,x,,{'k' * 250}@example.com,,,", "email: "),
    "mobile with a letter": ("01818517641,x,,,+4722OO0000,,", BAD_MOBILE),
    "mobile of 9 digits": ("01818517641,x,,,220000000,,", BAD_MOBILE),
    "mobile with a blank inside": ("01818517641,x,,,+47 22000000,,", BAD_MOBILE),
    "mobile too long": (f"01818517641,x,,,+{'1' * 40},,", "mobile: Ensure this value has at most 32 characters"),
    "party id with a letter": ("01818517641,x,,,,,5000a", "party_id: Enter 1 to 10 digits."),
    "party id too long": ("01818517641,x,,,,,12345678901", "party_id: Enter 1 to 10 digits."),
    "too few columns": ("01818517641,x", "has another number of columns than the header: 2, not 7"),
    "too many columns": (
        "01818517641,x,,,,,,",
        "has another number of columns than the header: 8, not 7",
    ),
    "NUL": ("01818517641,x\0y,,,,,", "holds a NUL character, as compressed files do"),
    "Latin-1": ("01818517641,Øyvind,,,,,".encode("latin-1"), "is not UTF-8"),
    "a quotation mark alone": (
        '01818517641,"x,,,,,',
        "has a quotation mark without its match, or a line break inside it",
    ),
    "a line break within quotes": (
        b'01818517641,"x\ry,,,,,',
        "has a quotation mark without its match, or a line break inside it",
    ),
    "text after a quotation": (
        '01818517641,"x" AS,,,,,',
        "has a quotation mark without its match, or a line break inside it",
    ),
    "a line without end": (f"01818517641,{'x' * 70_000},,,,,", "is longer than 65536 bytes"),
}


@pytest.mark.parametrize(("line", "rule"), BAD.values(), ids=BAD)
def test_a_bad_line_is_told_by_number_and_rule_and_left_out(imported: Imports, line: str | bytes, rule: str) -> None:
    raw = line.encode() if isinstance(line, str) else line
    told = imported(HEADER.encode() + b"\n\n" + raw + b"\n" + GOOD.encode() + b"\n")

    assert told == counts(2, new=1, bad=1)
    assert imported.warned.startswith(f"line 3: {rule}")
    assert (imported.code, imported.ended) == (1, "1 bad lines were left out.")
    assert Party.objects.get().name == "GOOD"


@pytest.mark.parametrize(("line", "rule"), BAD.values(), ids=BAD)
def test_nothing_of_a_bad_line_is_repeated(imported: Imports, tmp_path: Path, line: str | bytes, rule: str) -> None:
    errors = tmp_path / "errors.csv"
    raw = line.encode() if isinstance(line, str) else line
    imported(HEADER.encode() + b"\n" + raw + b"\n", "--errors", str(errors))

    told = imported.said + imported.warned + imported.ended + errors.read_text()
    for part in ("0181851764", "kari", "220000", "maybe", "xxx", "5000a", "vind"):
        assert part not in told


def test_an_unfinished_quotation_takes_no_other_line_along(imported: Imports) -> None:
    told = imported('identifier,name\n0192:314762290,"A\n0192:310080632,B\n0192:310635820,"C"\n')

    assert told == counts(3, new=2, bad=1)
    assert set(Party.objects.values_list("name", flat=True)) == {"B", "C"}


def test_a_bad_line_does_not_overtake_a_good_one(imported: Imports) -> None:
    assert imported(f"{HEADER}\n{GOOD}\n0192:314762290,BAD,maybe,,,,\n") == counts(2, new=1, bad=1)
    assert Party.objects.get().name == "GOOD"


def test_of_many_bad_lines_the_first_hundred_are_told_and_all_are_counted(imported: Imports) -> None:
    told = imported(organizations([1]) + "x,y\n" * 7_000)

    lines = imported.warned.splitlines()
    assert told == counts(7_001, new=1, bad=7_000)
    assert imported.ended == "7000 bad lines were left out."
    assert [line.split(":")[0] for line in lines[:100]] == [f"line {number}" for number in range(3, 103)]
    assert lines[100:] == ["More lines are bad; they are counted, and --errors FILE writes them all."]


def test_all_bad_lines_are_written_to_a_file(imported: Imports, tmp_path: Path) -> None:
    errors = tmp_path / "errors.csv"
    errors.write_text("what an earlier import left")
    imported(organizations([1]) + "x,y\n" * 7_000, "--errors", str(errors))

    with errors.open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["line", "rule"]
    assert [int(line) for line, _ in rows] == list(range(3, 7_003))
    assert {rule for _, rule in rows} == {
        "identifier is neither 0192: with 9 digits, nor 11 digits, nor a recipient's URN"
    }


def test_an_import_that_goes_on_adds_its_bad_lines_to_the_file(imported: Imports, tmp_path: Path) -> None:
    errors = tmp_path / "errors.csv"
    content = "identifier,name\nx,1\nx,2\nx,3\n"
    imported(content, "--errors", str(errors), "--dry-run")
    imported(content, "--errors", str(errors), "--from-line", "4")

    assert [line.split(",")[0] for line in errors.read_text().splitlines()] == ["line", "2", "3", "4", "4"]


def test_a_party_id_is_one_partys(imported: Imports) -> None:
    imported("identifier,party_id\n0192:314762290,1\n0192:310080632,2\n")

    told = imported("identifier,party_id\n0192:310080632,1\n0192:310635820,3\n0192:991825827,3\n0192:314762290,4\n")

    assert told == counts(4, new=1, changed=1, bad=2)
    assert imported.warned.splitlines() == [f"line {n}: party_id: Another party has this party id." for n in (2, 4)]
    assert {party.urn[-9:]: party.party_id for party in Party.objects.all()} == {
        "314762290": "4",
        "310080632": "2",
        "310635820": "3",
    }


def test_a_party_id_that_was_given_up_is_free(imported: Imports) -> None:
    imported("identifier,party_id\n0192:314762290,1\n0192:310080632,2\n")
    imported("identifier,party_id\n0192:314762290,\n0192:310080632,\n")

    assert imported("identifier,party_id\n0192:314762290,2\n0192:310080632,1\n") == counts(2, changed=2)
