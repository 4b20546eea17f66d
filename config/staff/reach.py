"""Which users of the back-office somebody may change: those who have nothing that he has not himself.

Else he could set the password of somebody who may do more, and be that one. Superusers reach everybody.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

# Asked too: whether what a user has in the apps above is within what the other one has.
Further = Callable[[Any, Any], bool]
_further: list[Further] = []


def ask_too(further: Further) -> None:
    """An app says what else sets users apart: `further(by, user)` tells whether `user` has nothing beyond `by`."""
    _further.append(further)


def is_within_reach(by: Any, user: Any) -> bool:
    """Whether `by` may change `user`, set his password and take away his second factor."""
    if by.is_active and by.is_superuser:
        return True
    if user.is_superuser:
        return False
    return _rights_of(user) <= by.get_all_permissions() and all(further(by, user) for further in _further)


def groups_within_reach(by: Any) -> QuerySet[Group]:
    """The groups that `by` may give to others: none that may do what he may not."""
    if by.is_active and by.is_superuser:
        return Group.objects.all()
    own = by.get_all_permissions()
    beyond = [pk for pk, name in _named(Permission.objects.all()) if name not in own]
    return Group.objects.exclude(permissions__in=beyond)


def _rights_of(user: Any) -> set[str]:
    """What the user may do, or could as soon as somebody makes him active again."""
    return {name for _, name in _named(Permission.objects.filter(Q(user=user) | Q(group__user=user)))}


def _named(permissions: QuerySet[Permission]) -> list[tuple[int, str]]:
    rows = permissions.values_list("pk", "content_type__app_label", "codename")
    return [(pk, f"{label}.{codename}") for pk, label, codename in rows]
