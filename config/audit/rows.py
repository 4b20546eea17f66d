"""Rows of the registers in the audit log: what was added, changed and deleted, field by field."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import ProtectedError

from config.audit.actions import record
from config.audit.models import Deed
from config.kernel.database import copying
from config.kernel.masking import mask_person_numbers, masked
from config.kernel.referring import references

COMMAND = "command"  # who did it, where that is a user of the machine

Facts = Mapping[str, Any]
Changes = dict[str, list[Any]]

_COPY = "COPY audit_auditentry (at, by, deed, target_type, target_id, owner, reason, details) FROM STDIN"


def differences(before: Facts, after: Facts) -> Changes:
    """By field, the value before and after; only of those that differ, nothing and "" being the same nothing."""
    fields = dict.fromkeys((*before, *after))
    pairs = {field: [_told(before.get(field)), _told(after.get(field))] for field in fields}
    return {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}


def _told(value: Any) -> Any:
    return None if value == "" else value


def save(
    row: models.Model,
    *,
    facts: Callable[[Any], Facts],
    owner: Callable[[Any], str],
    by: str,
    now: datetime,
    told: Callable[[Changes], Changes] = lambda changes: changes,
) -> bool:
    """The row is stored as it stands, once checked, and the audit log says what is new; answers whether anything is.

    Args:
        facts: What JSON can hold of the row, by field.
        owner: The organisation number of the service owner whose it is; of a row that moves, the one it had.
        told: What the log may keep of the changes.

    Raises:
        ValidationError: it breaks a rule.
    """
    row.full_clean()
    with transaction.atomic():
        stored = type(row)._default_manager.select_for_update().filter(pk=row.pk).first()
        changes = differences(facts(stored) if stored else {}, facts(row))
        if stored and not changes:
            return False
        row.save(force_insert=stored is None)
        deed = Deed.CHANGED if stored else Deed.ADDED
        record(deed, by=by, now=now, target=row, owner=owner(stored or row), details={"changes": told(changes)})
    return True


def delete(row: models.Model, *, changes: Changes, owner: str, by: str, now: datetime) -> bool:
    """The row is gone, and the audit log says what that changed; answers whether it was there.

    Raises:
        ProtectedError: something refers to it that stays.
    """
    if any(references(row)):  # Django would fetch all of them to say so, and these may be a million
        raise ProtectedError("Others refer to it.", set())
    key = row.pk  # gone from the object with the row
    with transaction.atomic():
        deleted, _ = row.delete()
        if not deleted:
            return False
        row.pk = key
        record(Deed.DELETED, by=by, now=now, target=row, owner=owner, details={"changes": changes})
    return True


@dataclass(frozen=True, slots=True)
class RowChange:
    """What happened to one row of many, in one deed."""

    deed: Deed
    row: str  # its key
    changes: Changes
    owner: str = ""


def record_rows(
    model: type[models.Model], rows: Iterable[RowChange], *, by: str, now: datetime, also: Mapping[str, Any]
) -> None:
    """As `record` for each of very many rows of one model, by COPY; all details have what `also` says."""
    kind, shared = model._meta.label_lower, masked(dict(also))
    with copying(_COPY) as copy:
        for row in rows:
            # A fifth of an import's time would go into walking through all of it, as `masked` does.
            changes = {field: [_masked(before), _masked(after)] for field, (before, after) in row.changes.items()}
            details = json.dumps({"changes": changes, **shared})
            copy.write_row((now, by, row.deed.value, kind, mask_person_numbers(row.row), row.owner, "", details))


def _masked(value: Any) -> Any:
    return mask_person_numbers(value) if isinstance(value, str) else value
