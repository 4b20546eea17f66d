"""Reads of the registry."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from registry.models import Delegation, Resource  # noqa: F401 - the base classes name them


class ResourceQuerySet(models.QuerySet["Resource"]):
    """Resources."""

    def with_owner(self) -> Self:
        """Together with their owners, in one query."""
        return self.select_related("owner")


class DelegationQuerySet(models.QuerySet["Delegation"]):
    """Rights that were given away."""

    def on(self, resource_id: str) -> Self:
        """Those that hold for this resource: given for it alone, or for all."""
        return self.filter(Q(resource=resource_id) | Q(resource=None))

    def concerning(self, party: str) -> Self:
        """Those that the party with this URN gave or was given."""
        return self.filter(Q(from_party=party) | Q(to_party=party))
