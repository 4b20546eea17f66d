"""Typed settings from the environment; where `make run` is up, from the file that it keeps in its run folder.

Variables that are set win over the file, so that a second terminal needs nothing and a deployment is not surprised.
"""

import os
from pathlib import Path

from environs import Env, EnvError

BASE_DIR = Path(__file__).resolve().parent.parent


def run_dir() -> Path:
    """The folder in which `make run` keeps its state."""
    return Path(os.environ.get("RUN_DIR", BASE_DIR / ".run"))


def load() -> Env:
    """An environment reader that gathers every bad or missing variable and names them all at `seal()`."""
    env = Env(eager=False)
    env_file = run_dir() / "env"
    if env_file.is_file() and os.access(env_file, os.R_OK):
        env.read_env(str(env_file), recurse=False)
    env.add_parser("days", _days)
    return env


def _days(value: str | int | None) -> int | None:
    """A number of days, or its default; None, which is for ever, where the variable is there and empty."""
    text = "" if value is None else str(value).strip()
    try:
        return int(text) if text else None
    except ValueError as error:
        raise EnvError("Not a valid number of days.") from error


def words(parts: list[str] | None) -> list[str]:
    """A list without blanks around its parts and without empty ones; none of a variable that could not be read."""
    return [part.strip() for part in parts or [] if part.strip()]
