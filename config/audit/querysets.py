"""Reads of the audit log; and no writes but adding."""

from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.db import models

if TYPE_CHECKING:
    from config.audit.models import AuditEntry  # noqa: F401 - the base class names it


class OnlyAddedTo(TypeError):
    """Entries are neither changed nor removed: the database would refuse it, and here it says so to who writes code."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Entries of the audit log."""

    def of_owners(self, numbers: Any) -> Self:
        """Those that are the affair of a service owner with one of these organisation numbers."""
        return self.filter(owner__in=numbers)

    def newest(self, deed: str, most: int) -> Self:
        """The newest of this kind, so many at the most."""
        return self.filter(deed=deed).order_by("-pk")[:most]

    def update(self, **kwargs: Any) -> NoReturn:
        raise OnlyAddedTo("The audit log is only added to.")

    def delete(self) -> NoReturn:
        raise OnlyAddedTo("The audit log is only added to.")
