"""What of the back-office a user gets to see: what belongs to the service owners that he is a member of."""

from typing import Any, ClassVar

from django.contrib.admin import RelatedFieldListFilter
from django.db.models import Q
from django.http import HttpRequest

from registry.policies import visible_owners

MOST_CHOICES = 200  # of a filter


class OfVisibleOwners:
    """For a ModelAdmin or an inline: its rows, found one by one, in lists, searches and forms, are of those owners.

    What a form offers of other such pages is as much.
    """

    owner_path: ClassVar[str] = "owner"  # the lookup that leads from a row to its owner

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: Any = super().get_queryset(request)  # type: ignore[misc]  # ModelAdmin's
        owners = visible_owners(request.user)
        return rows if owners is None else rows.filter(self.of_owners(owners))

    def of_owners(self, owners: frozenset[int]) -> Q:
        """Which rows belong to these owners; a page says it in its own way where it takes more than one path."""
        return Q(**{f"{self.owner_path}__in": owners})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Checked too when the form comes back: an id of another owner's is no choice."""
        if (rows := visible_rows(self, db_field.remote_field.model, request)) is not None:
            kwargs.setdefault("queryset", rows)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


def visible_rows(pages: Any, model: Any, request: HttpRequest) -> Any:
    """What the user sees of a model by its own pages; None where these show everybody the same."""
    others = pages.admin_site._registry.get(model)
    return others.get_queryset(request) if isinstance(others, OfVisibleOwners) else None


class VisibleResources(RelatedFieldListFilter):
    """A filter by resource: of the resources that the user sees, the first ones by id."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        owners = visible_owners(request.user)
        rows = field.related_model._default_manager.order_by("pk")
        visible = rows if owners is None else rows.filter(owner__in=owners)
        return [(pk, pk) for pk in visible.values_list("pk", flat=True)[:MOST_CHOICES]]


class VisibleOwners(RelatedFieldListFilter):
    """A filter by service owner: of the owners that the user sees, the first ones by number."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        owners = visible_owners(request.user)
        rows = field.related_model._default_manager.order_by("organization_number")
        visible = rows if owners is None else rows.filter(pk__in=owners)
        return [(owner.pk, owner.name) for owner in visible[:MOST_CHOICES]]
