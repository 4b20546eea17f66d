"""`manage.py import_parties`: what becomes of good files."""

import io
import os
import sys
import tracemalloc
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel import clock
from recipients.models import Party
from tests.recipients.importing import ORGANIZATION, Imports, counts, organization, organizations

PERSON = "urn:altinn:person:identifier-no:01818517641"
BERG = ORGANIZATION + "314762290"
HEADER = "identifier;name;reserved;email;mobile;confidential_role;party_id\n"
FULL = HEADER + "0192:314762290;BERG OG DAL AS;nei;post@berg.example;+4722000000;ja;50001234\n"


def known(urn: str = BERG) -> dict[str, Any]:
    """What is kept of a party, but for its row's number and time."""
    return dict(Party.objects.filter(urn=urn).values(*BLANK_FACTS).get())


BERG_FACTS = {
    "name": "BERG OG DAL AS",
    "is_reserved": False,
    "email": "post@berg.example",
    "mobile": "+4722000000",
    "has_confidential_role": True,
    "party_id": "50001234",
}
BLANK_FACTS = {
    "name": "",
    "is_reserved": False,
    "email": "",
    "mobile": "",
    "has_confidential_role": False,
    "party_id": None,
}


def test_a_line_makes_a_party_with_all_that_it_says(imported: Imports) -> None:
    assert imported(FULL) == counts(1, new=1)

    assert known() == BERG_FACTS
    assert imported.code == 0


def test_the_same_file_twice_changes_nothing(imported: Imports) -> None:
    imported(FULL)
    before = Party.objects.values().get()

    assert imported(FULL) == counts(1, unchanged=1)
    assert Party.objects.values().get() == before


@pytest.mark.parametrize(
    ("column", "value", "field", "kept"),
    [
        ("name", "DAL AS", "name", "DAL AS"),
        ("reserved", "ja", "is_reserved", True),
        ("email", "ny@berg.example", "email", "ny@berg.example"),
        ("mobile", "22000001", "mobile", "22000001"),
        ("confidential_role", "", "has_confidential_role", False),
        ("party_id", "50009999", "party_id", "50009999"),
        ("party_id", "", "party_id", None),
        ("email", "", "email", ""),
    ],
)
def test_a_column_changes_its_fact_and_no_other(
    imported: Imports, column: str, value: str, field: str, kept: Any
) -> None:
    imported(FULL)

    assert imported(f"identifier,{column}\n{BERG},{value}\n") == counts(1, changed=1)
    assert known() == {**BERG_FACTS, field: kept}


def test_a_party_that_is_only_named_is_made_and_later_left_alone(imported: Imports) -> None:
    assert imported("identifier\n0192:314762290\n") == counts(1, new=1)
    assert known() == BLANK_FACTS
    imported(FULL)

    assert imported("identifier\n0192:314762290\n") == counts(1, unchanged=1)
    assert known() == BERG_FACTS


def test_who_is_not_in_the_file_stays(imported: Imports) -> None:
    imported(FULL)
    imported("identifier;name\n01818517641;KARI\n")

    assert known() == BERG_FACTS
    assert known(PERSON) == {**BLANK_FACTS, "name": "KARI"}


def test_a_change_is_dated_and_what_stays_as_it_was_keeps_its_date(imported: Imports) -> None:
    imported(organizations([1, 2]))
    long_ago = clock.now() - timedelta(days=400)
    Party.objects.update(updated_at=long_ago)

    imported(organizations([1]) + f"0192:{organization(2)},New\n")

    assert Party.objects.get(name="Navn 1").updated_at == long_ago
    assert Party.objects.get(name="New").updated_at > clock.now() - timedelta(minutes=1)


def test_two_spellings_of_one_party_are_one_and_the_last_line_counts(imported: Imports) -> None:
    told = imported(f"identifier,name\n0192:314762290,first\n01818517641,Kari\n{BERG},last\n{PERSON},KARI\n")

    assert told == counts(4, new=2, unchanged=2)
    assert (known(BERG)["name"], known(PERSON)["name"]) == ("last", "KARI")


def test_the_last_line_counts_however_far_behind(imported: Imports) -> None:
    numbers = range(6_000)
    told = imported(organizations(numbers) + f"0192:{organization(0)},last\n")

    assert told == counts(len(numbers) + 1, new=len(numbers), changed=1)
    assert known(ORGANIZATION + organization(0))["name"] == "last"


SHAPES = {
    "commas": "identifier,name,email\n0192:314762290,BERG,b@berg.example\n",
    "semicolons": "identifier;name;email\n0192:314762290;BERG;b@berg.example\n",
    "tabs": "identifier\tname\temail\n0192:314762290\tBERG\tb@berg.example\n",
    "columns in another order": "email,name,identifier\nb@berg.example,BERG,0192:314762290\n",
    "capitals, and blanks around": " Identifier ,NAME, eMail\n0192:314762290, BERG ,b@berg.example \n",
    "byte order mark": "\ufeffidentifier,name,email\n0192:314762290,BERG,b@berg.example\n",
    "CR LF": "identifier,name,email\r\n0192:314762290,BERG,b@berg.example\r\n",
    "no line break at the end": "identifier,name,email\n0192:314762290,BERG,b@berg.example",
    "blank lines": "identifier,name,email\n\n0192:314762290,BERG,b@berg.example\n  \n\r\n",
    "quotes": '"identifier";"name";"email"\n"0192:314762290";"BERG";"b@berg.example"\n',
    "a column that nobody knows": "identifier,name,age,email\n0192:314762290,BERG,7,b@berg.example\n",
}


@pytest.mark.parametrize("content", SHAPES.values(), ids=SHAPES)
def test_a_file_may_be_written_in_many_ways(imported: Imports, content: str) -> None:
    assert imported(content) == counts(1, new=1)

    assert known() == {**BLANK_FACTS, "name": "BERG", "email": "b@berg.example"}


def test_separators_and_letters_of_ours_stand_in_names(imported: Imports) -> None:
    imported('identifier;name\n0192:314762290;"ÅSNES; ØST, ""SØR"" AS"\n')

    assert known()["name"] == 'ÅSNES; ØST, "SØR" AS'


@pytest.mark.parametrize("word", ["true", "TRUE", "1", "ja", "Ja", "yes", " yes "])
def test_words_for_true(imported: Imports, word: str) -> None:
    imported(f"identifier,reserved\n01818517641,{word}\n")

    assert known(PERSON)["is_reserved"] is True


@pytest.mark.parametrize("word", ["false", "False", "0", "nei", "no", "", " "])
def test_words_for_false(imported: Imports, word: str) -> None:
    imported("identifier,reserved\n01818517641,1\n")

    assert imported(f"identifier,reserved\n01818517641,{word}\n") == counts(1, changed=1)
    assert known(PERSON)["is_reserved"] is False


@pytest.mark.parametrize("mobile", ["22000000", "+4722000000", "004722000000", "+46701234567"])
def test_forms_of_a_mobile_number(imported: Imports, mobile: str) -> None:
    imported(f"identifier,mobile\n0192:314762290,{mobile}\n")

    assert known()["mobile"] == mobile


def test_columns_that_nobody_knows_are_named(imported: Imports) -> None:
    imported("identifier,Age,name,shoe size\n0192:314762290,7,BERG,42\n")

    assert "Columns that are not read: age, shoe size" in imported.warned


def test_a_dry_run_counts_and_writes_nothing(imported: Imports) -> None:
    imported(organizations([1, 2]))
    content = organizations([2, 3]) + f"0192:{organization(1)},New\n0192:1,bad\n"

    told = imported(content, "--dry-run")

    assert told == counts(4, new=1, changed=1, unchanged=1, bad=1)
    assert imported.said.startswith("Dry run, nothing is written: ")
    assert set(Party.objects.values_list("name", flat=True)) == {"Navn 1", "Navn 2"}
    assert imported(content) == told


def test_standard_input_is_read(imported: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.write(writing, FULL.encode())
    os.close(writing)
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)

        assert imported.run("-") == counts(1, new=1)
    assert known() == BERG_FACTS


def test_a_file_of_no_lines_is_in_order(imported: Imports) -> None:
    assert imported("identifier,name\n") == counts(0)
    assert imported.code == 0


BEFORE = {
    "nothing at all": ("", 'names no column "identifier". Columns are'),
    "no identifier": (
        "name;email\nBERG;b@berg.example\n",
        'names no column "identifier". Columns are',
    ),
    "no header": ("01818517641;KARI\n", 'names no column "identifier".'),
    "a name twice": ("identifier,name,Name\n0192:314762290,A,B\n", "The first line names twice: name."),
    "another encoding": ("identifier;name\n".encode("utf-16"), "The first line must name the columns, and"),
    "quotes that do not match": ('identifier;"name\n', "The first line must name the columns, and has a quotation"),
}


@pytest.mark.parametrize(("content", "why"), BEFORE.values(), ids=BEFORE)
def test_a_file_without_a_usable_header_is_refused_before_anything_is_done(
    imported: Imports, tmp_path: Path, content: str | bytes, why: str
) -> None:
    errors = tmp_path / "errors.csv"

    assert imported(content, "--errors", str(errors)) == {}

    assert imported.code == 2
    assert why in imported.ended
    assert not errors.exists()
    assert not Party.objects.exists()


def test_a_file_that_is_not_there_is_named(imported: Imports, tmp_path: Path) -> None:
    assert imported.run(str(tmp_path / "none.csv")) == {}
    assert (imported.code, "none.csv" in imported.ended) == (2, True)

    imported(FULL, "--errors", str(tmp_path / "none" / "errors.csv"))
    assert (imported.code, "errors.csv" in imported.ended) == (2, True)
    assert not Party.objects.exists()


def test_a_batch_costs_the_same_statements_whatever_its_size(imported: Imports) -> None:
    def statements(numbers: range) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            imported(organizations(numbers))
        return [query["sql"].split()[0] for query in queries]

    unchanged = ["SAVEPOINT", "CREATE", "COPY", "CREATE", "INSERT", "DECLARE", "DROP", "RELEASE"]
    noted = [*unchanged[:-1], "COPY", "RELEASE"]  # in the audit log
    summed_up = ["INSERT"]
    assert statements(range(1)) == noted + summed_up
    assert statements(range(5_000)) == noted + summed_up
    assert statements(range(10_000)) == unchanged + noted + summed_up
    assert statements(range(10_000)) == unchanged * 2


class Terminal(io.StringIO):
    """Standard error, as somebody looks at it."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_that_comes_to_its_end(imported: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)

    imported(organizations(range(6_000)) + "0192:1,bad\n")

    shown = screen.getvalue()
    assert "100%" in shown
    assert "line 5002" in shown
    assert "\rline 6002: identifier has an organisation number that is not 9 digits\n" in shown


def test_elsewhere_a_line_is_told_now_and_then(imported: Imports) -> None:
    imported("identifier\n" + "0192:314762290\n" * 100_000)

    assert imported.warned == "Every line before line 100002 is done.\n"


def test_a_line_without_end_is_not_held(imported: Imports) -> None:
    imported.file.write_bytes(b"identifier,name\n0192:314762290," + b"x" * 30_000_000 + b"\n0192:310080632,B\n")
    assert imported.run(str(imported.file)) == counts(2, new=1, bad=1)

    # Twice: what this process does in other threads, or for the first time, counts too, and is not the line's.
    assert min(peak_of(imported), peak_of(imported)) < 3_000_000


def peak_of(imported: Imports) -> int:
    """The most bytes that were held while the file was read."""
    tracemalloc.start()
    try:
        imported.run(str(imported.file))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
