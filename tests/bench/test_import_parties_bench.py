"""What an import of a million parties costs: seconds and memory, on a fresh register, again, and with changes.

Run by `make bench`. Each import is the command in a process of its own, as an operator starts it (fsync off). Asserts
that memory is flat, nothing on a clock.
"""
# ruff: noqa: T201 - its table is what it is for

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from recipients.identifiers import national_identity_number_is_valid

LINES = 1_000_000
MOST_MEGABYTES = 150

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1200)]

# Tells its own peak, which Linux gives in kilobytes.
_RUN = """
import resource, sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "import_parties", *sys.argv[1:]])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_a_million_lines(tmp_path: Path) -> None:
    few, many, changed = (tmp_path / name for name in ("few.csv", "many.csv", "changed.csv"))
    _write(few, 5_000, lambda number: f"Part nr. {number}")
    _write(many, LINES, lambda number: f"Part nr. {number}")
    _write(changed, LINES, lambda number: f"Part nr. {number}" if number % 10 else f"Navn nr. {number}")
    print(f"\n\n{many.stat().st_size / 1e6:.0f} MB, {LINES} lines, a tenth of them persons")
    for label, file in (
        ("5,000 lines, fresh", few),
        ("fresh", many),
        ("again", many),
        ("a tenth changed", changed),
        ("dry run", changed),
    ):
        print(f"{label:<20}", end="", flush=True)
        megabytes = _imported(file, *(["--dry-run"] if label == "dry run" else []))
        assert megabytes < MOST_MEGABYTES


def _imported(file: Path, *options: str) -> int:
    """Prints what the command says; the most memory that it held, in megabytes."""
    database = urlsplit(settings.DATABASE_URL)._replace(path="/" + connection.settings_dict["NAME"])
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": urlunsplit(database),
    }
    told = subprocess.run(
        [sys.executable, "-c", _RUN, str(file), *options], env=environment, check=True, capture_output=True, text=True
    )
    summary, megabytes = told.stdout.splitlines()
    print(f"{megabytes:>5} MB  {summary}", flush=True)
    return int(megabytes)


def _write(file: Path, lines: int, name: Callable[[int], str]) -> None:
    with file.open("w") as out:
        out.write("identifier;name;reserved;email;mobile;confidential_role\n")
        for number in range(lines):
            digits = _identifier(number)
            out.write(f"{digits};{name(number)};{number % 7 == 0};post{number}@example.com;+47{number:08};nei\n")


def _identifier(number: int) -> str:
    """A person for each tenth number, whose last digits are searched for; some have none, and are organisations."""
    if number % 10 == 0:
        body = f"{number:09}"
        fitting = (f"{body}{end:02}" for end in range(100) if national_identity_number_is_valid(f"{body}{end:02}"))
        return next(fitting, f"0192:{number + 100_000_000}")
    return f"0192:{(number * 7919) % 900_000_000 + 100_000_000}"
