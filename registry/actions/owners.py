"""Service owners: made, brought up to date, taken out."""

from datetime import datetime

from django.db import transaction

from config.audit import rows
from config.audit.rows import COMMAND, Facts, differences
from registry.models import ServiceOwner


@transaction.atomic
def register_owner(
    *, organization_number: str, now: datetime, name: str | None = None, code: str | None = None, by: str = COMMAND
) -> ServiceOwner:
    """The service owner with this number, made or brought up to date; what is None stays as it is.

    Raises:
        ValidationError: the number has not nine digits, or not of an organisation; or the code is another owner's.
    """
    owner = ServiceOwner.objects.select_for_update().filter(organization_number=organization_number).first()
    if owner is None:
        owner = ServiceOwner(organization_number=organization_number, name=name or organization_number)
    owner.name = name or owner.name
    owner.code = code or owner.code
    return save_owner(owner=owner, by=by, now=now)


def save_owner(*, owner: ServiceOwner, by: str, now: datetime) -> ServiceOwner:
    """The service owner is stored as it stands.

    Raises:
        ValidationError: as above.
    """
    rows.save(owner, facts=_facts, owner=_number, by=by, now=now)
    return owner


@transaction.atomic
def remove_owner(*, owner: ServiceOwner, by: str, now: datetime) -> bool:
    """The service owner is gone, and who was a member of it sees nothing of it; whether it was there until now.

    Raises:
        ProtectedError: it has resources, letters or files, which stay.
    """
    changes = differences(_facts(owner), {})
    return rows.delete(owner, changes=changes, owner=owner.organization_number, by=by, now=now)


def _facts(owner: ServiceOwner) -> Facts:
    return {"organization_number": owner.organization_number, "code": owner.code, "name": owner.name}


def _number(owner: ServiceOwner) -> str:
    return owner.organization_number
