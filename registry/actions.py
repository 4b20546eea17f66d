"""Every change of the registry."""

from django.db import transaction

from registry.models import Resource, ServiceOwner


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
