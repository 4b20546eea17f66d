"""Who works for which service owner."""

from datetime import datetime
from typing import Any

import structlog
from django.db import transaction

from config.audit.actions import record
from config.audit.models import Deed
from registry.models import Membership, ServiceOwner

logger = structlog.get_logger(__name__)


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
