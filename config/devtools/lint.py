"""`make lint`: every check that needs no server. All are run, also after one has failed."""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from config.devtools.generate import diagram_files, settings_files
from config.devtools.offline import manage, nowhere, write_schema
from config.devtools.run_dir import ROOT

BIN = Path(sys.executable).parent
# A lock must not tie anyone to the place where it was made.
PLACES = re.compile(r"://|index|find-links")


def tool(name: str, *arguments: str) -> bool:
    """Run a program of the environment and tell whether it is content."""
    return subprocess.run([str(BIN / name), *arguments], cwd=ROOT, env=nowhere()).returncode == 0


def migrations_are_complete() -> bool:
    """Tell whether the migrations say all that the models say."""
    return manage("makemigrations", "--check", "--dry-run") == 0


def schema_is_current() -> bool:
    """Tell whether the committed OpenAPI document is what the code gives; if not, show where."""
    committed = ROOT / "docs" / "openapi.yaml"
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "openapi.yaml"
        if write_schema(str(fresh)) != 0:
            return False
        old = committed.read_text().splitlines() if committed.exists() else []
        difference = list(
            difflib.unified_diff(old, fresh.read_text().splitlines(), str(committed), "code", lineterm="")
        )
    if difference:
        print(
            *difference[:60],
            "docs/openapi.yaml differs from the code; run: make schema",
            sep="\n",
            flush=True,
        )
    return not difference


def diagram_is_current() -> bool:
    """Tell whether the committed picture of the statuses, and the table beside it, are what the code gives."""
    return _are_current(diagram_files, "make diagram")


def settings_are_current() -> bool:
    """Tell whether docs/settings.md holds the variables that the code reads, as the code explains them."""
    return _are_current(settings_files, "make settings")


def _are_current(wanted: Callable[[], Mapping[Path, str]], remedy: str) -> bool:
    try:
        files = wanted()
    except (LookupError, ValueError) as error:
        print(error, flush=True)
        return False
    old = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    if old:
        print(*old, f"not as the code has it; run: {remedy}", sep="\n", flush=True)
    return not old


def places_in(text: str) -> list[str]:
    """Give the lines of a lock that name a registry, an index or a folder."""
    return [line for line in text.splitlines() if PLACES.search(line)]


def locks_name_no_place() -> bool:
    """Tell whether the requirements files hold names and hashes only."""
    found = [line for file in sorted(ROOT.glob("requirements-*.txt")) for line in places_in(file.read_text())]
    if found:
        print(*found[:20], "requirements-*.txt name a place; run: make lock", sep="\n", flush=True)
    return not found


CHECKS: dict[str, Callable[[], bool]] = {
    "ruff check": lambda: tool("ruff", "check", "."),
    "ruff format": lambda: tool("ruff", "format", "--check", "."),
    "mypy": lambda: tool("mypy", "."),
    "lint-imports": lambda: tool("lint-imports"),
    "migrations": migrations_are_complete,
    "openapi": schema_is_current,
    "diagram": diagram_is_current,
    "settings": settings_are_current,
    "locks": locks_name_no_place,
}


def main() -> None:
    """End with exit code 1 and the names of what failed, if anything did."""
    failed = []
    for name, passes in CHECKS.items():
        print(f"== {name}", flush=True)
        if not passes():
            failed.append(name)
    if failed:
        sys.exit(f"make lint failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
