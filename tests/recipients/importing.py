"""Imports of parties as an operator starts them: in this process, or in one of their own that can be killed."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from config.devtools.run_dir import ROOT
from recipients.identifiers import organization_number_is_valid

ORGANIZATION = "urn:altinn:organization:identifier-no:"
_COUNT = re.compile(r"(\d+) (lines|new|changed|unchanged|bad)")


class Imports:
    """The command on files in a folder; afterwards what it said and how it ended."""

    def __init__(self, folder: Path, capsys) -> None:
        self.file = folder / "parties.csv"
        self.code = 0
        self.said = self.warned = self.ended = ""
        self._capsys = capsys

    def __call__(self, content: str | bytes, *options: str) -> dict[str, int]:
        """The counts of its summary; empty if there was none."""
        self.file.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.run(str(self.file), *options)

    def run(self, *arguments: str) -> dict[str, int]:
        self.code, self.ended = 0, ""
        try:
            call_command("import_parties", *arguments)
        except CommandError as error:
            self.code, self.ended = error.returncode, str(error)
        self.said, self.warned = self._capsys.readouterr()
        return {what: int(number) for number, what in _COUNT.findall(self.said)}


def counts(lines: int, *, new: int = 0, changed: int = 0, unchanged: int = 0, bad: int = 0) -> dict[str, int]:
    return {"lines": lines, "new": new, "changed": changed, "unchanged": unchanged, "bad": bad}


def organizations(numbers: Iterable[int], name: str = "Navn") -> str:
    """A file with an organisation for each number."""
    return "identifier,name\n" + "".join(f"0192:{organization(number)},{name} {number}\n" for number in numbers)


def organization(number: int) -> str:
    """The digits of an organisation, another one for each number, with a check digit that fits."""
    body = f"{100_000 + number}"
    return next(digits for end in range(1_000) if organization_number_is_valid(digits := f"{body}{end:03}"))


def started(*arguments: str, stdin: int | None = None) -> "subprocess.Popen[str]":
    """The command in a process of its own, on the tests' database."""
    database = urlsplit(settings.DATABASE_URL)._replace(path="/" + connection.settings_dict["NAME"])
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_parties", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": urlunsplit(database)},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
