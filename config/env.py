"""Typed settings from the environment, each read together with what an operator has to know of it.

The table in docs/settings.md is made of what is said here (`make settings`). While `make run` is up, the file that it
keeps in its run folder fills in what is unset, so that a second terminal needs nothing. Variables that are set win.
"""

import fcntl
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from environs import Env, EnvError, EnvValidationError

BASE_DIR = Path(__file__).resolve().parent.parent

# The reader's methods are named after the types that the table shows, which hides these in it.
_Str: TypeAlias = str
_Bool: TypeAlias = bool
_Int: TypeAlias = int
_Float: TypeAlias = float
_List: TypeAlias = list[str]


@dataclass(frozen=True)
class Elsewhere:
    """In place of a meaning: another module reads the variable too, and explains it."""

    module: str


@dataclass(frozen=True)
class Variable:
    """One that was read; `default` as the table writes it."""

    section: str
    name: str
    type: str
    default: str
    meaning: str | Elsewhere


def run_dir() -> Path:
    """The folder in which `make run` keeps its state."""
    return Path(os.environ.get("RUN_DIR") or BASE_DIR / ".run")


class Reader:
    """Reads variables, and notes what it read. Whatever is wrong with them is gathered for `faults`.

    Where a default is computed, `shown` is what the table says of it.
    """

    def __init__(self) -> None:
        self.variables: list[Variable] = []
        self._section = ""
        self._env = Env(eager=False)
        self._env.add_parser("days", _days)
        if os.environ.get("ENVIRONMENT", "development") == "development" and _make_run_is_up():
            self._env.read_env(str(run_dir() / "env"), recurse=False)

    def section(self, title: _Str, aside: _Str = "") -> None:
        """Everything that is read from here on stands under this title, and what is said beside it."""
        self._section = f"**{title}** {aside}".strip()

    def faults(self) -> _List:
        """One sentence for each variable that is missing or cannot be read. Nothing can be read afterwards."""
        try:
            self._env.seal()
        except EnvValidationError as error:
            found = error.error_messages
            return [_sentence(name, texts) for name, texts in found.items()] if isinstance(found, Mapping) else found
        return []

    def required(self, name: _Str, meaning: _Str) -> _Str:
        """A text that has no default."""
        self._note("str", name, "–", meaning)
        return self._env.str(name) or ""

    def str(self, name: _Str, default: _Str, meaning: _Str | Elsewhere, *, shown: _Str = "") -> _Str:
        """A text."""
        return _Str(self._read("str", name, default, meaning, shown))

    def bool(self, name: _Str, default: _Bool, meaning: _Str, *, shown: _Str = "") -> _Bool:
        """`true` or `false`, or one of the words that mean them."""
        return _Bool(self._read("bool", name, default, meaning, shown))

    def int(self, name: _Str, default: _Int, meaning: _Str | Elsewhere) -> _Int:
        """A whole number."""
        return _Int(self._read("int", name, default, meaning))

    def float(self, name: _Str, default: _Float, meaning: _Str, *, shown: _Str = "") -> _Float:
        """A number."""
        return _Float(self._read("float", name, default, meaning, shown))

    def list(self, name: _Str, default: _List, meaning: _Str, *, shown: _Str = "") -> _List:
        """Texts between commas, without blanks around them and without empty ones."""
        return [part.strip() for part in self._read("list", name, default, meaning, shown) if part.strip()]

    def json(self, name: _Str, default: Any, meaning: _Str) -> Any:
        """Whatever the JSON says."""
        return self._read("json", name, default, meaning)

    def path(self, name: _Str, default: Path, meaning: _Str | Elsewhere, *, shown: _Str = "") -> Path:
        """A folder. Empty is not one, and means the default."""
        value = Path(self._read("path", name, default, meaning, shown))
        return default if value == Path() else value

    def days(self, name: _Str, default: _Int | None, meaning: _Str) -> _Int | None:
        """A number of days; None, which is for ever, where the variable is there and empty."""
        value: _Int | None = self._read("days", name, default, meaning)
        return value

    def _read(self, kind: _Str, name: _Str, default: Any, meaning: _Str | Elsewhere, shown: _Str = "") -> Any:
        self._note(kind, name, shown or _as_written(default), meaning)
        if kind in _NEVER_EMPTY and not os.environ.get(name, "").strip():
            return default
        value = getattr(self._env, kind)(name, default)
        # None of one that could not be read, which is a fault by now: the default, so that all others are found too.
        return default if value is None and kind != "days" else value

    def _note(self, kind: _Str, name: _Str, default: _Str, meaning: _Str | Elsewhere) -> None:
        self.variables.append(Variable(self._section, name, kind, default, meaning))


# Of these an empty text is no value: it is what Compose and Kubernetes hand on for what nobody has set.
_NEVER_EMPTY = frozenset({"bool", "int", "float", "json"})


def _make_run_is_up() -> bool:
    """Whether somebody holds the run folder: what was left behind by an earlier run says nothing of now."""
    folder = run_dir()
    if not (os.access(folder / "env", os.R_OK) and os.access(folder / "lock", os.R_OK)):
        return False
    with (folder / "lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _days(value: str | int | None) -> int | None:
    """A number of days, or its default; None, which is for ever, where the variable is there and empty."""
    text = "" if value is None else str(value).strip()
    try:
        return int(text) if text else None
    except ValueError as error:
        raise EnvError("Not a valid number of days.") from error


def _sentence(name: str, texts: list[str]) -> str:
    text = " ".join(texts)
    return f"{name} is not set." if text == "Environment variable not set." else f"{name}: {text}"


def _as_written(default: object) -> str:
    match default:
        case bool():
            return f"`{str(default).lower()}`"
        case None:
            return "–"
        case [] | "":
            return "empty"
        case _:
            return f"`{default}`"
