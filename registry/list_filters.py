"""Filters of long lists by service owner and resource: offered are those that the user may see, and no others."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from config.kernel.back_office_filters import NamedFilter
from registry.models import Resource, ServiceOwner
from registry.policies import visible_owners


class OwnerFilter(NamedFilter):
    """Whose it is. Not offered to who sees one owner only."""

    title = _("service owner")
    column, exact, typed = "owner", "owner__id__exact", "owner"

    def rows(self) -> QuerySet[Any]:
        owners = visible_owners(self.request.user)
        every = ServiceOwner.objects.order_by("name", "pk")
        return every if owners is None else every.filter(pk__in=owners)

    def fitting(self, text: str) -> QuerySet[Any]:
        """By the whole number, as the list suggests it too, or a part of the name."""
        number = text.rpartition("(")[2].removesuffix(")").replace(" ", "").replace("\u00a0", "")
        return self.rows().filter(Q(organization_number=number) | Q(code=text) | Q(name__icontains=text))

    @property
    def value_typed(self) -> str:
        return self.found[0].organization_number if self.value else ""


class ResourceFilter(NamedFilter):
    """Of which message service it is."""

    title = _("resource")
    column, exact, typed = "resource", "resource__id__exact", "resource"

    def rows(self) -> QuerySet[Any]:
        owners = visible_owners(self.request.user)
        return Resource.objects.all() if owners is None else Resource.objects.filter(owner__in=owners)

    def fitting(self, text: str) -> QuerySet[Any]:
        """The one with this id, or else those with this text in the id or the title."""
        one = self.rows().filter(pk=text)
        return one if one.exists() else self.rows().filter(Q(pk__icontains=text) | Q(title__icontains=text))


def resource_and_owner(row: Any) -> str:
    """Both in one cell of a list; of whatever has an `owner` and a `resource_id`."""
    owner = row.owner.name or row.owner.organization_number
    return format_html('<span class="list-cell">{} <span class="bo-muted">{}</span></span>', row.resource_id, owner)
