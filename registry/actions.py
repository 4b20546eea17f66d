"""Every change of the registry."""

from datetime import datetime
from typing import Any

import structlog
from django.db import transaction

from config.audit.actions import record
from config.audit.models import Deed
from recipients.identifiers import ORGANIZATION_PREFIX
from registry.models import Delegation, Membership, Resource, ServiceOwner

logger = structlog.get_logger(__name__)


@transaction.atomic
def register_owner(*, organization_number: str, name: str | None = None, code: str | None = None) -> ServiceOwner:
    """The service owner with this number, made or brought up to date; what is None stays as it is.

    Raises:
        ValidationError: the number has not nine digits, or the code is another owner's.
    """
    owner = ServiceOwner.objects.select_for_update().filter(organization_number=organization_number).first()
    if owner is None:
        owner = ServiceOwner(organization_number=organization_number, name=name or organization_number)
    owner.name = name or owner.name
    owner.code = code or owner.code
    owner.full_clean()
    owner.save()
    return owner


@transaction.atomic
def register_resource(
    *, resource_id: str, owner: ServiceOwner, title: str | None = None, type: str | None = None
) -> Resource:
    """The resource with this id, made or brought up to date; what is None stays as it is.

    Raises:
        ValidationError: the id or the type is not acceptable.
    """
    resource = Resource.objects.select_for_update().filter(pk=resource_id).first() or Resource(pk=resource_id)
    resource.owner = owner
    resource.title = title if title is not None else resource.title
    resource.type = type or resource.type
    resource.full_clean()
    resource.save()
    return resource


@transaction.atomic
def delegate(
    *, from_party: str, to_party: str, right: str, resource_id: str | None, by: str, now: datetime
) -> tuple[Delegation, bool]:
    """The right is given, and whether that is new. Parties in any form that operators write; no resource: for all.

    Raises:
        ValidationError: a party is none, or both are the same; the right or the resource is unknown; somebody else
            than an organisation is to send.
    """
    wanted = _delegation(from_party, to_party, right, resource_id)
    delegation, is_new = Delegation.objects.get_or_create(
        **wanted.terms, defaults={"created_at": now, "created_by": by}
    )
    if is_new:
        logger.info("right_delegated", by=by, **_logged(delegation))
    return delegation, is_new


@transaction.atomic
def withdraw(*, from_party: str, to_party: str, right: str, resource_id: str | None, by: str) -> bool:
    """The right is given no longer; whether it was until now. A right to all resources is withdrawn as a whole only.

    Raises:
        ValidationError: a party is none, or both are the same; the right or the resource is unknown; somebody else
            than an organisation is to send.
    """
    wanted = _delegation(from_party, to_party, right, resource_id)
    removed, _ = Delegation.objects.filter(**wanted.terms).delete()
    if removed:
        logger.info("right_withdrawn", by=by, **_logged(wanted))
    return bool(removed)


@transaction.atomic
def join(*, user: Any, owner: ServiceOwner, by: str, now: datetime) -> Membership:
    """The user sees from now on what belongs to this owner; twice is harmless."""
    membership, is_new = Membership.objects.get_or_create(user=user, owner=owner)
    if is_new:
        _record_membership(Deed.ADDED, membership, by, now)
    return membership


@transaction.atomic
def leave(*, membership: Membership, by: str, now: datetime) -> None:
    """The user sees it no longer, from the next request on."""
    _record_membership(Deed.DELETED, membership, by, now)
    membership.delete()


def _record_membership(deed: Deed, membership: Membership, by: str, now: datetime) -> None:
    number, name = membership.owner.organization_number, membership.user.get_username()
    record(deed, by=by, now=now, target=membership, owner=number, details={"member": name})
    logger.info("membership_changed", deed=deed.value, by=by, user=membership.user_id, owner=number)


def _logged(delegation: Delegation) -> dict[str, str | None]:
    """Organisations by number; of a person no log says which one, be its URN made of a number or of an e-mail."""
    return {
        name: "a person" if name.endswith("_party") and value and not value.startswith(ORGANIZATION_PREFIX) else value
        for name, value in delegation.terms.items()
    }


def _delegation(from_party: str, to_party: str, right: str, resource_id: str | None) -> Delegation:
    """Not saved; its parties are URNs."""
    delegation = Delegation(from_party=from_party, to_party=to_party, right=right, resource_id=resource_id)
    delegation.full_clean(exclude=("created_at", "created_by"), validate_constraints=False)
    # All constraints but the unique key: what is there already is no fault.
    delegation.validate_constraints(exclude={"resource"})
    return delegation
