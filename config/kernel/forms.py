"""From the values of a form to what a serializer reads (contract http-api.md §4).

The serializer's own fields say which names there are and what a value is. What cannot be read stays as it was sent,
for the serializer to tell.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from drf_spectacular.drainage import get_override
from rest_framework.fields import empty

from config.kernel import uuids, wire_time
from config.kernel.errors import SchemaError
from config.kernel.multipart import Part
from config.kernel.wire import Flag, Moment, TextMap, Uuid, WholeNumber, WireEnum, WireListSerializer, WireSerializer
from config.kernel.wire_faults import REQUEST_PREFIX, form_key

_MEMBER = re.compile(r"([^.\[]+)(.*)", re.DOTALL)
# ASP.NET asks for [0], [1], … by these very texts. What lies behind a billion is behind a gap.
_INDEX = re.compile(r"\[(0|[1-9][0-9]{0,8})\](.*)", re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]{1,10}")

# What is left of each name below the member that is being read, and the value.
_Entries = list[tuple[str, str]]


def bind(serializer: WireSerializer, values: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What the form says, nested as `serializer` reads it; members of which it says nothing are left out.

    Each value is looked at once for each level of its name, whatever indexes it names.
    """
    bound = _object(serializer, _without_prefix(values))
    return {} if bound is empty else bound


def json_part_fault(part: Part) -> SchemaError | None:
    """Why a text that came as JSON is not read: Spring and others can send a whole request so."""
    if part.content_type != "application/json":
        return None
    key = form_key(part.name)
    text = (
        f"{key or 'A part'} came as JSON: write each member as a form value of its own, such as"
        " Correspondence.ResourceId, or POST JSON to /correspondence/api/v1/correspondence and upload files beforehand."
    )
    return SchemaError({key: [text]})


def _without_prefix(values: Sequence[tuple[str, str]]) -> _Entries:
    length = len(REQUEST_PREFIX)
    prefixed = [(name[length:], value) for name, value in values if name[:length].lower() == REQUEST_PREFIX]
    return prefixed or list(values)


# Each of the following answers `empty` where the form names nothing that is known, and None for a blank value.


def _object(serializer: WireSerializer, entries: _Entries) -> Any:
    named = {str(name).lower(): str(name) for name in serializer.fields}
    sent: dict[str, _Entries] = {}
    for path, value in entries:
        match = _MEMBER.fullmatch(path)
        if match and (name := named.get(match[1].lower())):
            sent.setdefault(name, []).append((match[2], value))
    bound = {name: _member(serializer.fields[name], below) for name, below in sent.items()}
    bound = {name: value for name, value in bound.items() if value is not empty}
    # A blank value is as good as none: a required member is told as absent, others take their default.
    return {name: value for name, value in bound.items() if value is not None} if bound else empty


def _member(field: Any, entries: _Entries) -> Any:
    if isinstance(field, WireSerializer):
        return _object(field, _dotted(entries))
    if isinstance(field, WireListSerializer):
        return _objects(field.child, entries)
    if isinstance(field, TextMap):
        return _pairs(entries)
    schema = get_override(field, "field")  # what the field says of itself in the OpenAPI document
    if isinstance(schema, dict) and schema.get("type") == "array":
        return _scalars(entries, uuids_inside=schema["items"].get("format") == "uuid")
    return _scalar(field, entries)


def _dotted(entries: Iterable[tuple[str, str]]) -> _Entries:
    return [(path[1:], value) for path, value in entries if path.startswith(".")]


def _in_order(entries: _Entries) -> Iterator[_Entries]:
    """What belongs to [0], [1], … up to the first gap."""
    groups: dict[int, _Entries] = {}
    for path, value in entries:
        if match := _INDEX.fullmatch(path):
            groups.setdefault(int(match[1]), []).append((match[2], value))
    index = 0
    while index in groups:
        yield groups[index]
        index += 1


def _objects(child: Any, entries: _Entries) -> Any:
    found: list[Any] = []
    for below in _in_order(entries):
        entry = _object(child, _dotted(below))
        if entry is empty:  # names nothing that is known: a gap too
            break
        found.append(entry)
    return found or empty


def _scalars(entries: _Entries, *, uuids_inside: bool) -> Any:
    texts = [value for path, value in entries if path in {"", "[]"}]
    if not texts:
        for below in _in_order(entries):
            text = _first(below)
            if text is None:
                break
            texts.append(text)
    if not texts:
        return empty
    if not any(text.strip() for text in texts):
        return None
    return [(_uuid(text) if uuids_inside else text) if text.strip() else None for text in texts]


def _pairs(entries: _Entries) -> Any:
    numbered = list(_in_order(entries))
    if numbered and _first(numbered[0], ".key") is not None:
        return _numbered_pairs(numbered) or empty
    pairs: dict[str, str] = {}
    for path, value in entries:
        in_brackets = path.startswith("[") and path.endswith("]")
        key = path[1:-1] if in_brackets else path.removeprefix(".") if path.startswith(".") else ""
        if key:
            pairs.setdefault(key, _property(value))
    return pairs or empty


def _numbered_pairs(numbered: list[_Entries]) -> dict[str, str | None]:
    pairs: dict[str, str | None] = {}
    for below in numbered:
        key, value = _first(below, ".key"), _first(below, ".value")
        if key is None:
            break
        if key.strip():
            pairs.setdefault(key, None if value is None else _property(value))
    return pairs


def _property(value: str) -> str:
    # By the rule a blank is null, and a null property is refused. A property that is there and says nothing harms
    # nobody, so it is kept as an empty text, which JSON may send too.
    return value if value.strip() else ""


def _first(entries: _Entries, path: str = "") -> str | None:
    return next((value for left, value in entries if left.lower() == path), None)


def _scalar(field: Any, entries: _Entries) -> Any:
    text = _first(entries)
    if text is None:
        return empty
    return _value(field, text) if text.strip() else None


def _value(field: Any, text: str) -> Any:
    match field:
        case Flag():
            return {"true": True, "false": False}.get(text.strip().lower(), text)
        case WireEnum():
            return _enum(field, text.strip())
        case WholeNumber():
            return text.strip()
        case Uuid():
            return _uuid(text)
        case Moment():
            return _moment(text)
    return text


def _enum(field: WireEnum, text: str) -> str:
    if _NUMBER.fullmatch(text) is None:
        return text
    names = {member.value: member.name for member in field.enum}
    # JSON may bring a number without a name, a form may not: as this text it is refused.
    return names.get(int(text), f"number {text}")


def _uuid(text: str) -> str:
    value = uuids.parse_any(text.strip())
    return text if value is None else str(value)


def _moment(text: str) -> str:
    try:
        return wire_time.write(wire_time.parse_form(text.strip()))
    except ValueError:
        return text
