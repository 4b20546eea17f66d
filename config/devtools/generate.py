"""Files that are generated and committed: `generate.py lock|schema|diagram|settings|messages|migrations [ARGS]`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from config.devtools import messages, settings_table
from config.devtools.offline import manage, write_schema
from config.devtools.run_dir import ROOT
from correspondence import diagram

LOCKS = {
    "requirements-image.txt": ["--extra", "s3", "--extra", "otel"],
    "requirements-run.txt": ["--group", "run"],
    "requirements-dev.txt": [
        *("--extra", "s3", "--extra", "otel"),
        *("--group", "run", "--group", "test", "--group", "lint", "--group", "audit"),
    ],
}
UV = ROOT / ".venv" / "uv" / "bin" / "uv"  # fetched by environment.py
COMPILE = "pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url"

TABLE_BEGINS, TABLE_ENDS = "<!-- made by `make {target}` -->", "<!-- end of what is made -->"


def lock() -> int:
    """Write each requirements file anew; versions move only where pyproject.toml asks for it."""
    for name, chosen in LOCKS.items():
        words = [
            str(UV),
            *COMPILE.split(),
            "--quiet",
            "--custom-compile-command",
            "make lock",
            *chosen,
            "-o",
            name,
        ]
        if code := subprocess.run(words, cwd=ROOT).returncode:
            return code
    return 0


def diagram_files() -> Mapping[Path, str]:
    """What the files that show the statuses must hold, by path.

    Raises:
        LookupError: a status has no place in the picture.
        ValueError: docs/statuses.md has lost the lines between which its table stands.
    """
    page = ROOT / "docs" / "statuses.md"
    return {ROOT / "docs" / "statuses.svg": diagram.svg(), page: _with_table(page, "diagram", diagram.table())}


def settings_files() -> Mapping[Path, str]:
    """What the page about settings must hold.

    Raises:
        ValueError: it has lost the lines between which its tables stand, or they cannot be made.
    """
    page = ROOT / "docs" / "settings.md"
    return {page: _with_table(page, "settings", settings_table.fresh())}


def _with_table(page: Path, target: str, table: str) -> str:
    begins = TABLE_BEGINS.format(target=target)
    before, rest = _parted(page, page.read_text(), begins)
    _, after = _parted(page, rest, TABLE_ENDS)
    return f"{before}{begins}\n{table}{TABLE_ENDS}{after}"


def _parted(page: Path, text: str, line: str) -> tuple[str, str]:
    before, found, after = text.partition(line)
    if not found:
        raise ValueError(f"{page.relative_to(ROOT)} needs the line: {line}")
    return before, after


def write(files: Mapping[Path, str]) -> int:
    """Write them, by path; answers 0."""
    for path, text in files.items():
        path.write_text(text)
    return 0


def main() -> None:
    """End with the exit code of the tool behind it."""
    what, *rest = sys.argv[1:]
    if what == "lock":
        sys.exit(lock())
    if what == "schema":
        sys.exit(write_schema("docs/openapi.yaml"))
    if what == "diagram":
        sys.exit(write(diagram_files()))
    if what == "settings":
        sys.exit(write(settings_files()))
    if what == "messages":
        sys.exit(messages.write())
    sys.exit(manage("makemigrations", *rest))


if __name__ == "__main__":
    main()
