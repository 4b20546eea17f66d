"""People of the back-office who are members of service owners."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client as DjangoClient

from registry.models import Membership, ServiceOwner

REGISTRAR = tuple(
    f"{verb}_{model}"
    for model in ("serviceowner", "resource", "delegation", "party")
    for verb in ("view", "add", "change", "delete")
)


def member(*owners: ServiceOwner, name: str = "kari", permissions: tuple[str, ...] = REGISTRAR) -> DjangoClient:
    """Logged in, with these permissions, and a member of these owners."""
    user = get_user_model().objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    for owner in owners:
        Membership.objects.create(user=user, owner=owner)
    client = DjangoClient()
    client.force_login(user)
    return client
