"""A whole file of resources at once, as somebody has looked at it: all of it is stored, or nothing."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from config.audit.actions import record
from config.audit.models import Deed
from config.audit.rows import Changes, differences
from config.imports.columns import BadLine
from config.imports.csv_file import Row
from config.imports.preview import MOST_SHOWN, Preview
from config.kernel.database import patient
from registry.actions.resources import facts, save_resource
from registry.models import Resource, ServiceOwner
from registry.resource_columns import KEY
from registry.resource_file import ResourceFile

_SECONDS = 180
MOST_LINES = 5_000  # each is a few statements, and nobody has as many resources
_LINES_AT_ONCE = 500
# Others go on reading, and sending; nobody writes the registry. It ends with the transaction.
_LOCK = "LOCK TABLE registry_resource, registry_serviceowner IN SHARE ROW EXCLUSIVE MODE"

Owners = Collection[int] | None  # those whose resources may be touched; None: all


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that says something else than the registry."""

    number: int
    resource: Resource
    changes: Changes
    is_new: bool


@transaction.atomic
def preview_resource_file(*, file: ResourceFile, owners: Owners, most: int = MOST_SHOWN) -> Preview:
    """What the file would change; of each kind of lines the first `most`.

    Raises:
        TooManyLines: more than a page is for.
    """
    patient(_SECONDS)
    preview = Preview(most=most, most_lines=MOST_LINES, ignored=file.unknown_columns)
    for line in _differing(file, owners, preview):
        _show(preview, line)
    preview.sort()
    return preview


@transaction.atomic
def import_resource_file(
    *, file: ResourceFile, owners: Owners, name: str, seal: str, leave_out_bad: bool, by: str, now: datetime
) -> Preview:
    """The registry is as the file says; answers what that has changed, which is what the sealed preview said.

    Args:
        owners: Whose resources may be touched; None: everybody's.
        name: The file's, for the audit log.
        leave_out_bad: Store the other lines where some have errors.

    Raises:
        ChangedMeanwhile, LinesAreBad, TooManyLines: nothing was stored.
        DatabaseBusy: nothing was stored; somebody else was writing, or it took too long.
    """
    patient(_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    preview = Preview(most_lines=MOST_LINES, ignored=file.unknown_columns)
    for line in _differing(file, owners, preview):
        _show(preview, line)
        save_resource(resource=line.resource, by=by, now=now)
    preview.check(seal, leave_out_bad=leave_out_bad)
    record(Deed.IMPORTED, by=by, now=now, details={"file": name, **preview.told()})
    return preview


def _show(preview: Preview, line: _Line) -> None:
    changes = {name: pair for name, pair in line.changes.items() if name != "id"}
    preview.differ(line.number, line.resource.pk, changes, is_new=line.is_new, exactly=(line.resource.pk, line.changes))


def _differing(file: ResourceFile, owners: Owners, preview: Preview) -> Iterator[_Line]:
    """Those in order; the preview tells the others. A resource has one line: two would contradict each other."""
    known = {owner.organization_number: owner for owner in _owners(owners)}
    lines, seen = file.lines(), set[str]()
    while some := list(islice(lines, _LINES_AT_ONCE)):
        preview.read(len(some))
        rows = dict(_read(file, some, preview))
        held = Resource.objects.with_owner().in_bulk([row[0] for row in rows.values()])
        for number, row in rows.items():
            try:
                if row[0] in seen:
                    raise BadLine(_("stands in an earlier line too"), KEY)
                yield from _line(number, dict(zip(file.fields, row, strict=True)), held.get(row[0]), known)
            except BadLine as fault:
                preview.refuse(number, fault)
            seen.add(row[0])


def _owners(owners: Owners) -> Any:
    return ServiceOwner.objects.all() if owners is None else ServiceOwner.objects.filter(pk__in=owners)


def _read(file: ResourceFile, lines: list[tuple[int, bytes]], preview: Preview) -> Iterator[tuple[int, Row]]:
    for number, raw in lines:
        try:
            yield number, file.row(raw)
        except BadLine as fault:
            preview.refuse(number, fault)


def _line(
    number: int, values: dict[str, Any], held: Resource | None, owners: Mapping[str, ServiceOwner]
) -> Iterator[_Line]:
    """The line, if it says something else than the registry.

    Raises:
        BadLine: it may not.
    """
    if held is not None and held.owner.organization_number not in owners:
        raise BadLine(_("belongs to another service owner than yours"), KEY)
    before = facts(held) if held else {}
    resource = held or Resource(pk=values["id"])
    for field, value in values.items():
        setattr(resource, field, value if field != "owner" else _owner(value, owners))
    if resource.owner_id is None:
        raise BadLine(_("is missing, and a new resource needs one"), "owner")
    try:
        resource.clean_fields()
    except ValidationError as fault:
        raise BadLine(" ".join(fault.messages)) from None
    if changes := differences(before, facts(resource)):
        yield _Line(number, resource, changes, is_new=held is None)


def _owner(number: str, owners: Mapping[str, ServiceOwner]) -> ServiceOwner:
    owner = owners.get(number)
    if owner is None:
        raise BadLine(_("is no service owner that is registered, and that you are a member of"), "owner")
    return owner
