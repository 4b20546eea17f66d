"""Bodies of JSON, read strictly (contract http-api.md §2)."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from config.kernel import whole_body
from config.kernel.errors import BODY_KEY, BODY_REQUIRED, MAX_FAULTS, BodyBrokeOff, SchemaError

_LONGEST_PATH, _LONGEST_NAME = 20, 100  # parts, characters: what is echoed to the sender
# Only an escape can bring these in: a raw NUL is no JSON, a raw surrogate no UTF-8.
_SUSPICIOUS_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def read(request: HttpRequest) -> Any:
    """What the body says; of a repeated member the last value, standing where it was said last.

    Raises:
        BodyTooLarge: over MAX_JSON_BODY_BYTES.
        BodyTooSlow: not there after BODY_READ_SECONDS, or less than 1 kB/s for 5 seconds.
        SchemaError: empty, broken off, no UTF-8, no JSON, nested too deep, or with a text that cannot be stored.
    """
    body = _bytes(request)
    if not body.strip():
        raise SchemaError.unreadable_body("", "The request body is empty.")
    value = _parse(body)
    if value is None:
        raise SchemaError.unreadable_body("", "The request body is null.")
    if _SUSPICIOUS_ESCAPE.search(body):
        _refuse_unstorable(value)
    return value


def _bytes(request: HttpRequest) -> bytes:
    try:
        return whole_body.read(request, settings.MAX_JSON_BODY_BYTES)
    except BodyBrokeOff as error:
        raise SchemaError.unreadable_body("$", "The request body broke off.") from error


def _parse(body: bytes) -> Any:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SchemaError.unreadable_body("$", f"Not UTF-8: byte {error.start} of the body.") from error
    try:
        return json.loads(text, object_pairs_hook=_last_wins, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise SchemaError.unreadable_body("$", f"Not valid JSON: {error.msg} at {where}.") from error
    except RecursionError as error:
        raise SchemaError.unreadable_body("$", "The JSON is nested too deep.") from error
    except ValueError as error:  # an integer of more digits than Python converts, or NaN
        raise SchemaError.unreadable_body("$", "Not valid JSON: it holds a number that cannot be read.") from error


def _last_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        # A dict keeps the first place of a repeated key; two spellings of one name are told apart by place later.
        members = {}
        for name, value in pairs:
            members.pop(name, None)
            members[name] = value
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


def _refuse_unstorable(value: Any) -> None:
    faults = {
        path: [f"{what} holds a NUL character or half of a surrogate pair."]
        for path, what in islice(_unstorable(value), MAX_FAULTS)
    }
    if faults:
        raise SchemaError({**faults, BODY_KEY: [BODY_REQUIRED]})


# Where a value stands: the place that holds it, and its name or index there. A text only where it is at fault.
_Place = tuple["_Place", str | int] | None


def _unstorable(root: Any) -> Iterator[tuple[str, str]]:
    """Walks with a stack of its own: what the parser bore may be deeper than what a generator bears."""
    left: list[tuple[_Place, Any]] = [(None, root)]
    while left:
        place, node = left.pop()
        if isinstance(node, str):
            if _UNSTORABLE.search(node):
                yield _written(place), "The text"
        elif isinstance(node, list):
            left.extend(((place, index), item) for index, item in enumerate(node))
        elif isinstance(node, dict):
            if any(_UNSTORABLE.search(name) for name in node):
                yield _written(place), "A property name"
            left.extend(((place, name), item) for name, item in node.items() if not _UNSTORABLE.search(name))


def _written(place: _Place) -> str:
    parts: list[str] = []
    while place is not None and len(parts) < _LONGEST_PATH:
        place, part = place
        parts.append(f"[{part}]" if isinstance(part, int) else f".{part[:1].lower()}{part[1:_LONGEST_NAME]}")
    return ("$" if place is None else "$…") + "".join(reversed(parts))
