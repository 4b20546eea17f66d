"""Users in the roles that are shipped, as members of service owners."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client

from registry.models import Membership, ServiceOwner


def user_in(role: str, *owners: ServiceOwner, name: str = "kari", **facts: Any) -> Any:
    """A user with this role, for these owners."""
    user = get_user_model().objects.create_user(name, is_staff=True, **facts)
    user.groups.add(Group.objects.get(name=role))
    Membership.objects.bulk_create(Membership(user=user, owner=owner) for owner in owners)
    return user


def as_user(user: Any) -> Client:
    """A browser in which this user is logged in."""
    client = Client()
    client.force_login(user)
    return client


def again(client: Client) -> Client:
    """Another browser with the same session, and without what pages have left for the next one to say."""
    other = Client()
    other.cookies["sessionid"] = client.cookies["sessionid"].value
    return other
