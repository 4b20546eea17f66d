"""Rights that are given away, and withdrawn."""

from datetime import datetime

import structlog
from django.db import transaction

from config.audit import rows
from config.audit.actions import record
from config.audit.models import Deed
from config.audit.rows import differences
from recipients.identifiers import ORGANIZATION_PREFIX
from registry.models import Delegation

logger = structlog.get_logger("registry.actions")


@transaction.atomic
def delegate(
    *, from_party: str, to_party: str, right: str, resource_id: str | None, by: str, now: datetime
) -> tuple[Delegation, bool]:
    """The right is given, and whether that is new. Parties in any form that operators write; no resource: for all.

    Raises:
        ValidationError: a party is none, or both are the same; the right or the resource is unknown; somebody else
            than an organisation is to send.
    """
    wanted = _delegation(from_party, to_party, right, resource_id, is_new=True)
    delegation, is_new = Delegation.objects.get_or_create(
        **wanted.terms, defaults={"created_at": now, "created_by": by}
    )
    if is_new:
        changes = differences({}, _logged(delegation))
        record(Deed.ADDED, by=by, now=now, target=delegation, owner=_owner(delegation), details={"changes": changes})
        logger.info("right_delegated", by=by, **_logged(delegation))
    return delegation, is_new


@transaction.atomic
def withdraw(*, from_party: str, to_party: str, right: str, resource_id: str | None, by: str, now: datetime) -> bool:
    """The right is given no longer; whether it was until now. A right to all resources is withdrawn as a whole only.

    Raises:
        ValidationError: a party is none, or both are the same; the right or the resource is unknown; somebody else
            than an organisation is to send.
    """
    wanted = _delegation(from_party, to_party, right, resource_id, is_new=False)
    held = Delegation.objects.select_for_update().filter(**wanted.terms).first()
    if held is None:
        return False
    changes = differences(_logged(held), {})
    rows.delete(held, changes=changes, owner=_owner(held), by=by, now=now)
    logger.info("right_withdrawn", by=by, **_logged(wanted))
    return True


def _logged(delegation: Delegation) -> dict[str, str | None]:
    """Organisations by number; of a person no log says which one, be its URN made of a number or of an e-mail."""
    return {
        name: "a person" if name.endswith("_party") and value and not value.startswith(ORGANIZATION_PREFIX) else value
        for name, value in delegation.terms.items()
    }


def _owner(delegation: Delegation) -> str:
    """Whose affair it is: the resource's owner's; where it holds for all, the giver's, if that is an organisation."""
    if delegation.resource is not None:
        return delegation.resource.owner.organization_number
    prefix, _, number = delegation.from_party.rpartition(":")
    return number if f"{prefix}:" == ORGANIZATION_PREFIX else ""


def _delegation(from_party: str, to_party: str, right: str, resource_id: str | None, *, is_new: bool) -> Delegation:
    """Not saved; its parties are URNs."""
    delegation = Delegation(from_party=from_party, to_party=to_party, right=right, resource_id=resource_id)
    delegation._state.adding = is_new  # what is looked for may have been let in by older rules
    delegation.full_clean(exclude=("created_at", "created_by"), validate_constraints=False)
    # All constraints but the unique key: what is there already is no fault.
    delegation.validate_constraints(exclude={"resource"})
    return delegation
