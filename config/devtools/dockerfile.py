"""Reads docker/Dockerfile and .dockerignore, as far as ours go."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template


@dataclass
class Stage:
    """What stands between one FROM and the next: instructions and their arguments, in order."""

    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def last(self, instruction: str) -> str:
        """The arguments of its last such instruction."""
        return [argument for word, argument in self.steps if word == instruction][-1]

    def command(self) -> list[str]:
        """What a container of it runs."""
        words: list[str] = json.loads(self.last("CMD"))
        return words


def stages(text: str) -> list[Stage]:
    """In the order of the file.

    Raises:
        ValueError: there is an instruction that this reader does not know.
    """
    found: list[Stage] = []
    arguments: dict[str, str] = {}
    for word, argument in _instructions(text):
        if word == "ARG":
            arguments.update(assignments(argument, arguments))
        elif word == "FROM":
            base, _, name = argument.partition(" AS ")
            found.append(Stage(Template(base).substitute(arguments), name))
        elif word in {"RUN", "COPY", "ENV", "WORKDIR", "USER", "EXPOSE", "CMD"}:
            found[-1].steps.append((word, argument))
        else:
            raise ValueError(f"unknown instruction: {word} {argument}")
    return found


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in re.sub(r"\\\n\s*", "", lines).splitlines():
        if line.strip():
            word, _, argument = line.strip().partition(" ")
            yield word, argument.strip()


def assignments(text: str, known: Mapping[str, str]) -> dict[str, str]:
    """NAME=VALUE, several of them, with what is known put in for $NAME."""
    pairs = (word.partition("=") for word in shlex.split(text))
    return {name: Template(value).substitute(known) for name, _, value in pairs}


class Context:
    """The files that `COPY` finds: those of the project that .dockerignore lets through."""

    def __init__(self, root: Path) -> None:
        self.root = root
        lines = (root / ".dockerignore").read_text().splitlines()
        patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        self._rules = [(pattern.startswith("!"), _expression(pattern.lstrip("!"))) for pattern in patterns]

    def holds(self, path: Path) -> bool:
        """Whether this one, below the root, goes along: of all patterns that match the last one says so."""
        kept = True
        for keeps, expression in self._rules:
            if expression.fullmatch(path.as_posix()):
                kept = keeps
        return kept

    def files(self, below: str = ".") -> Iterator[Path]:
        """Every file that goes along, relative to the root."""
        start = self.root / below
        every = [start] if start.is_file() else sorted(start.rglob("*"))
        for path in every:
            if path.is_file() and self.holds(path.relative_to(self.root)):
                yield path.relative_to(self.root)


def _expression(pattern: str) -> re.Pattern[str]:
    """A pattern stands for what it names, and all below it."""
    parts = re.split(r"(\*\*/|\*)", pattern)
    wild = {"**/": "(?:.*/)?", "*": "[^/]*"}
    return re.compile("".join(wild.get(part, re.escape(part)) for part in parts) + "(?:/.*)?")
