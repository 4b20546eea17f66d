"""Files that are generated and committed: `generate.py lock|schema|diagram|migrations [ARGS]`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

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

TABLE_BEGINS, TABLE_ENDS = "<!-- made by `make diagram` -->", "<!-- end of what is made -->"


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
    before, rest = _parted(page.read_text(), TABLE_BEGINS)
    _, after = _parted(rest, TABLE_ENDS)
    text = f"{before}{TABLE_BEGINS}\n{diagram.table()}{TABLE_ENDS}{after}"
    return {ROOT / "docs" / "statuses.svg": diagram.svg(), page: text}


def _parted(text: str, line: str) -> tuple[str, str]:
    before, found, after = text.partition(line)
    if not found:
        raise ValueError(f"docs/statuses.md needs the line: {line}")
    return before, after


def write_diagram() -> int:
    """Write the state diagram, and the table beside it; answers 0. Raises as `diagram_files` does."""
    for path, text in diagram_files().items():
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
        sys.exit(write_diagram())
    sys.exit(manage("makemigrations", *rest))


if __name__ == "__main__":
    main()
