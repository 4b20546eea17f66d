"""The tables in docs/settings.md, made of what is said where each variable is read."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator

from config.devtools import variables
from config.devtools.offline import nowhere
from config.devtools.run_dir import ROOT
from config.env import Elsewhere, Variable


def fresh() -> str:
    """Both tables, from the code as it is now.

    Raises:
        ValueError: they cannot be made; the text says why.
    """
    program = [sys.executable, "-m", "config.devtools.settings_table"]
    done = subprocess.run(program, cwd=ROOT, env=nowhere(), capture_output=True, text=True)
    if done.returncode:
        raise ValueError(done.stderr)
    return done.stdout


def read_by_the_service() -> list[Variable]:
    """In the order of the table; only where settings can be read."""
    from config import gunicorn, settings  # noqa: PLC0415 - these read them

    return [*settings.env.variables, *gunicorn.env.variables]


def explained(found: Iterable[Variable]) -> list[Variable]:
    """Each once, where its meaning is.

    Raises:
        ValueError: one is explained twice or nowhere, or read in two ways.
    """
    every = list(found)
    rows = [variable for variable in every if not isinstance(variable.meaning, Elsewhere)]
    names = [row.name for row in rows]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"explained twice: {', '.join(twice)}")
    ways = {row.name: (row.type, row.default) for row in rows}
    if other := sorted({each.name for each in every if ways.get(each.name) != (each.type, each.default)}):
        raise ValueError(f"explained nowhere, or read in two ways: {', '.join(other)}")
    return rows


def _tables() -> Iterator[str]:
    yield from ("| name | type | default | meaning |", "|---|---|---|---|")
    section = ""
    for row in explained(read_by_the_service()):
        if row.section != section:
            section = row.section
            yield f"| {section} | | | |"
        yield f"| `{row.name}` | {row.type} | {row.default} | {row.meaning} |"
    yield from ("", "## Read by `make run` only", "", "| name | default | meaning |", "|---|---|---|")
    for variable in variables.ALL:
        default = variable.default if variable.computed else f"`{variable.default}`"
        yield f"| `{variable.name}` | {default} | {variable.meaning} |"


if __name__ == "__main__":
    print(*_tables(), sep="\n")
