"""From a serializer's errors to the contract's keys (contract validation.md §1).

A fault is of one of three kinds, told apart by its code: a value that cannot be read, a required member that is
absent, a broken rule. Unreadable and absent ones are told first, broken rules only where there are none of those.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rest_framework.exceptions import ErrorDetail
from rest_framework.settings import api_settings

from config.kernel.errors import BODY_KEY, BODY_REQUIRED

UNREADABLE, ABSENT = "unreadable", "required"
# What the names of a form may begin with (contract http-api.md §4).
REQUEST_PREFIX = "request."
WHOLE = api_settings.NON_FIELD_ERRORS_KEY


def pascal(name: str) -> str:
    """`messageTitle` as the keys of broken rules write it."""
    return name[:1].upper() + name[1:]


def form_key(name: str) -> str:
    """The key under which a form's value is told: its name in PascalCase, without the prefix."""
    if name[: len(REQUEST_PREFIX)].lower() == REQUEST_PREFIX:
        name = name[len(REQUEST_PREFIX) :]
    return ".".join(pascal(part) for part in name.split("."))


def faults_of(errors: Any) -> dict[str, list[str]]:
    """The faults of a serializer by the contract's keys (contract validation.md §1)."""
    unreadable: dict[str, list[str]] = {}
    broken: dict[str, list[str]] = {}
    for path, detail in _walk(errors, ()):
        if detail.code == UNREADABLE:
            unreadable.setdefault(_json_path(path), []).append(str(detail))
        elif detail.code == ABSENT:
            unreadable.setdefault(_json_path(path[:-1]), []).append(f"The required member {path[-1]} is missing.")
        else:
            broken.setdefault(_pascal_path(path), []).append(str(detail))
    return {**unreadable, BODY_KEY: [BODY_REQUIRED]} if unreadable else broken


def form_faults_of(errors: Any) -> dict[str, list[str]]:
    """The same for a form: all kinds of faults at once, each under its own name, absent members too.

    As ASP.NET's ModelState, which has no JSON path to tell (contract validation.md §1).
    """
    faults: dict[str, list[str]] = {}
    for path, detail in _walk(errors, ()):
        text = f"{path[-1]} must have a value." if detail.code == ABSENT else str(detail)
        faults.setdefault(_pascal_path(path), []).append(pascal(text))
    return faults


def parameter_faults_of(errors: Any) -> dict[str, list[str]]:
    """The same for a query string: each under the parameter's own name (contract validation.md §1)."""
    faults: dict[str, list[str]] = {}
    for path, detail in _walk(errors, ()):
        text = f"{path[-1]} must have a value." if detail.code == ABSENT else str(detail)
        faults.setdefault(str(path[0]), []).append(text)
    return faults


_Path = tuple[str | int, ...]


def _walk(errors: Any, path: _Path) -> Iterator[tuple[_Path, ErrorDetail]]:
    if isinstance(errors, Mapping):
        for key, inner in errors.items():
            yield from _walk(inner, path if key == WHOLE else (*path, key))
    elif isinstance(errors, Sequence) and not isinstance(errors, str):
        for inner in errors:
            yield from _walk(inner, path)
    else:
        yield path, errors


def _json_path(path: _Path) -> str:
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def _pascal_path(path: _Path) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{pascal(part)}" for part in path).lstrip(".")
