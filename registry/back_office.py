"""What of the back-office a user gets to see: what belongs to the service owners that he is a member of."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from registry.policies import visible_owners


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


class VisibleChoices(admin.RelatedFieldListFilter):
    """A list's filter by an owner or a resource: it offers those that the user sees."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        rows = visible_rows(model_admin, field.remote_field.model, request)
        limit = {} if rows is None else {"pk__in": rows.order_by().values("pk")}
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=limit)


def visible_rows(pages: Any, model: Any, request: HttpRequest) -> Any:
    """What the user sees of a model by its own pages; None where these show everybody the same."""
    others = pages.admin_site._registry.get(model)
    return others.get_queryset(request) if isinstance(others, OfVisibleOwners) else None
