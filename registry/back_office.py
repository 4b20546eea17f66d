"""What of the back-office a user gets to see: what belongs to the service owners that he is a member of."""

from typing import Any, ClassVar

from django.http import HttpRequest

from registry.policies import visible_owners


class OfVisibleOwners:
    """For a ModelAdmin or an inline: its rows, found one by one, in lists, searches and forms, are of those owners."""

    owner_path: ClassVar[str] = "owner"  # the lookup that leads from a row to its owner

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: Any = super().get_queryset(request)  # type: ignore[misc]  # ModelAdmin's
        owners = visible_owners(request.user)
        return rows if owners is None else rows.filter(**{f"{self.owner_path}__in": owners})
