"""Django's commands where no server runs."""

from __future__ import annotations

import os
import subprocess
import sys

from config.devtools.run_dir import ROOT

# Settings for whatever imports the project without a server: Django's commands, and mypy's plugin.
NOWHERE = {
    "ENVIRONMENT": "development",
    "DATABASE_URL": "postgresql://postgres@127.0.0.1:1/nowhere",  # refused at once
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "of no consequence here",
}


def nowhere() -> dict[str, str]:
    """The environment of a process that imports the project without a server. Production has more to ask for."""
    return {**os.environ, **NOWHERE}


def manage(*arguments: str) -> int:
    """Run a command of manage.py and give its exit code."""
    # makemigrations would like to compare with a database; that there is none is not worth a warning.
    quiet = ["-W", "ignore:Got an error checking a consistent migration history:RuntimeWarning"]
    done = subprocess.run([sys.executable, *quiet, "manage.py", *arguments], cwd=ROOT, env=nowhere())
    return done.returncode


def write_schema(path: str) -> int:
    """Write the OpenAPI document; anything drf-spectacular is unsure of is an error."""
    return manage("spectacular", "--validate", "--fail-on-warn", "--file", path)
