"""Reads of the registry."""

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from registry.models import Resource  # noqa: F401 - the base class names it


class ResourceQuerySet(models.QuerySet["Resource"]):
    """Resources."""

    def with_owner(self) -> Self:
        """Together with their owners, in one query."""
        return self.select_related("owner")
