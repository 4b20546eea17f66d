"""Resources: made, brought up to date, taken out."""

from datetime import datetime

from django.db import transaction

from config.audit import rows
from config.audit.rows import COMMAND, Facts, differences
from registry.models import Resource, ServiceOwner

FACTS = (
    "type",
    "title",
    "minimum_authentication_level",
    "is_confidential",
    "recipients_need_role",
    "purged_content_days",
    "expired_content_days",
    "published_content_days",
    "history_days",
)


@transaction.atomic
def register_resource(
    *,
    resource_id: str,
    owner: ServiceOwner,
    now: datetime,
    title: str | None = None,
    type: str | None = None,
    by: str = COMMAND,
) -> Resource:
    """The resource with this id, made or brought up to date; what is None stays as it is.

    Raises:
        ValidationError: the id or the type is not acceptable.
    """
    resource = Resource.objects.select_for_update().filter(pk=resource_id).first() or Resource(pk=resource_id)
    resource.owner = owner
    resource.title = title if title is not None else resource.title
    resource.type = type or resource.type
    return save_resource(resource=resource, by=by, now=now)


def save_resource(*, resource: Resource, by: str, now: datetime) -> Resource:
    """The resource is stored as it stands. One that moves is told among what its owner until now has lost.

    Raises:
        ValidationError: as above.
    """
    rows.save(resource, facts=facts, owner=_owner, by=by, now=now)
    return resource


@transaction.atomic
def remove_resource(*, resource: Resource, by: str, now: datetime) -> bool:
    """The resource is gone; whether it was there until now.

    Raises:
        ProtectedError: letters, files or rights refer to it.
    """
    changes = differences(facts(resource), {})
    return rows.delete(resource, changes=changes, owner=_owner(resource), by=by, now=now)


def facts(resource: Resource) -> Facts:
    """By field, as the audit log keeps them; the owner as people know it."""
    return {
        "id": resource.pk,
        "owner": str(resource.owner),
        **{name: getattr(resource, name) for name in FACTS},
    }


def _owner(resource: Resource) -> str:
    return resource.owner.organization_number
