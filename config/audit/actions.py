"""Entries are added to the audit log, within the transaction of what they tell of."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models

from config.audit.models import AuditEntry, Deed
from config.kernel.masking import mask_person_numbers, masked


def record(
    deed: Deed,
    *,
    by: str,
    now: datetime,
    target: models.Model | None = None,
    owner: str = "",
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Note who did what; answers the entry.

    Args:
        by: A user name, or "command".
        owner: The organisation number of the service owner whose affair it is; its auditors read of it.
        reason: What the user gave as one. Person numbers in it and in `details` are masked.
        details: What JSON can hold.
    """
    entry = _entry(deed, by, now, target, owner, reason, details)
    entry.save(force_insert=True)
    return entry


def record_each(
    deed: Deed,
    targets: Iterable[tuple[models.Model, str]],
    *,
    by: str,
    now: datetime,
    reason: str = "",
    details: Mapping[Any, Mapping[str, Any]] | None = None,
) -> int:
    """As `record`, of many things, each with its owner's organisation number; answers how many.

    Args:
        details: By primary key, those of the things that have any.
    """
    told = details or {}
    entries = [_entry(deed, by, now, target, owner, reason, told.get(target.pk)) for target, owner in targets]
    return len(AuditEntry.objects.bulk_create(entries, batch_size=1_000))


def _entry(
    deed: Deed,
    by: str,
    now: datetime,
    target: models.Model | None,
    owner: str,
    reason: str,
    details: Mapping[str, Any] | None,
) -> AuditEntry:
    kind, key = ("", "") if target is None else (target._meta.label_lower, str(target.pk))
    return AuditEntry(
        at=now,
        by=by,
        deed=deed,
        target_type=kind,
        target_id=mask_person_numbers(key),
        owner=owner,
        reason=mask_person_numbers(reason),
        details=masked(dict(details or {})),
    )
