"""Every text of ours that the back-office says in more than one language, and the catalogs in config/locale."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path

from django.utils.translation.template import templatize

from config.devtools import catalogs
from config.devtools.catalogs import Catalog, Message
from config.devtools.run_dir import ROOT

LANGUAGES = ("nb", "nn")
APPS = ("config", "recipients", "registry", "attachments", "correspondence")
LOCALE = ROOT / "config" / "locale"
# By function, which of its arguments are texts: one, many, context.
_MARKS: Mapping[str, tuple[int, int | None, int | None]] = {
    "_": (0, None, None),
    "gettext": (0, None, None),
    "gettext_lazy": (0, None, None),
    "gettext_noop": (0, None, None),
    "ngettext": (0, 1, None),
    "ngettext_lazy": (0, 1, None),
    "pgettext": (1, None, 0),
    "pgettext_lazy": (1, None, 0),
    "npgettext": (1, 2, 0),
    "npgettext_lazy": (1, 2, 0),
}
_MARKED = re.compile(r"\b(_|n?gettext|n?pgettext)\(")
# Texts of Django's own that its Norwegian catalogs do not have yet.
DJANGOS = (
    "Add link",
    "Added:",
    "After you’ve created a user, you’ll be able to edit more user options.",
    "Breadcrumbs",
    "Change or view list link",
    "Changed:",
    "Deleted:",
    "Disable password-based authentication",
    "Disabled",
    "Enable password-based authentication",
    "Enable password-based authentication for this user by setting a password.",
    "Enabled",
    "Error:",
    "Filter navigation items",
    "Hide counts",
    "Model name",
    "Password-based authentication",
    "Password-based authentication was disabled.",
    "Raw passwords are not stored, so there is no way to see the user’s password.",
    "Reset password",
    "Select all objects on this page for an action",
    "Select this object for an action - {}",
    "Set password",
    "Set password: %s",
    "Show counts",
    "Sidebar",
    "Skip to main content",
    "Start typing to filter…",
    "Thanks for spending some quality time with the web site today.",
    "Toggle theme (current theme: auto)",
    "Toggle theme (current theme: dark)",
    "Toggle theme (current theme: light)",
    "View selected %(model)s",
)
DJANGOS_NUMBERED = (("entry", "entries"),)


class NotAText(ValueError):
    """What is marked for translation is put together as it runs: no catalog can hold it."""


def messages() -> frozenset[Message]:
    """All of them.

    Raises:
        NotAText: as it says, with its place.
    """
    found = {*map(Message, DJANGOS), *(Message(one, many) for one, many in DJANGOS_NUMBERED)}
    for path in _sources():
        try:
            found |= set(_in_python(path.read_text()) if path.suffix == ".py" else _in_template(path.read_text()))
        except NotAText as error:
            raise NotAText(f"{path.relative_to(ROOT)}: {error}") from error
    return frozenset(found)


def catalog_files() -> Mapping[Path, bytes]:
    """What the catalogs must hold, by path: every message, with the translation that it has by now, if any."""
    wanted = messages()
    files: dict[Path, bytes] = {}
    for language in LANGUAGES:
        known = catalog(language)
        fresh: Catalog = {each: known.get(each) or ("",) * (2 if each.many else 1) for each in wanted}
        files[_path(language, "po")] = catalogs.written(language, fresh).encode()
        files[_path(language, "mo")] = catalogs.compiled(language, fresh)
    return files


def catalog(language: str) -> Catalog:
    """The translations that there are."""
    path = _path(language, "po")
    return catalogs.read(path.read_text()) if path.exists() else {}


def write() -> int:
    """Write the catalogs anew, and say what lacks a translation. Answers 0."""
    for path, content in catalog_files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for language in LANGUAGES:
        lacking = [each.one for each, texts in sorted(catalog(language).items()) if not all(texts)]
        print(f"{language}: {len(lacking)} without a translation", *(f"  {text}" for text in lacking), sep="\n")
    return 0


def _path(language: str, suffix: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"django.{suffix}"


def _sources() -> Iterator[Path]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*")):
            inside = path.relative_to(ROOT).parts
            if "migrations" in inside or inside[:2] == ("config", "devtools"):
                continue
            if path.suffix == ".py" or (path.suffix in {".html", ".txt"} and "templates" in inside):
                yield path


def _in_python(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (mark := _MARKS.get(_name(node.func))) and node.args:
            if isinstance(node.args[0], ast.Name | ast.Attribute):  # a text that is marked where it stands
                continue
            yield _message(mark, [_text(argument) for argument in node.args], node.lineno)


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _text(argument: ast.expr) -> str | None:
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def _message(mark: tuple[int, int | None, int | None], texts: list[str | None], line: int) -> Message:
    one, many, context = (None if at is None else texts[at] for at in mark)
    if one is None or (many is None) != (mark[1] is None) or (context is None) != (mark[2] is None):
        raise NotAText(f"line {line}: what is translated must stand there as a text")
    return Message(one, many or "", context or "")


def _in_template(source: str) -> Iterator[Message]:
    # What Django hands to xgettext: calls that look like Python's, and everything else blanked out.
    code = templatize(source)
    for found in _MARKED.finditer(code):
        texts = list(_arguments(code[found.end() :]))
        yield _message(_MARKS[found[1]], texts, code.count("\n", 0, found.start()) + 1)


def _arguments(code: str) -> Iterator[str | None]:
    """The texts of a call up to where its bracket closes; None for what is none."""
    text: str | None = None
    for token in tokenize.generate_tokens(StringIO(code).readline):
        if token.type == tokenize.STRING:
            text = (text or "") + ast.literal_eval(token.string)
        elif token.string in (",", ")"):
            yield text
            text = None
            if token.string == ")":
                return
