"""Reads of the audit log; and no writes but adding."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.db import models

if TYPE_CHECKING:
    from config.audit.models import AuditEntry  # noqa: F401 - the base class names it

_LATE = timedelta(days=1)


class OnlyAddedTo(TypeError):
    """Entries are neither changed nor removed: the database would refuse it, and here it says so to who writes code."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Entries of the audit log."""

    def of_owners(self, numbers: Any) -> Self:
        """Those that are the affair of a service owner with one of these organisation numbers."""
        return self.filter(owner__in=numbers)

    def between(self, first: datetime | None, before: datetime | None) -> Self:
        """Those of a span of time; None: open on that side.

        Entries are listed by key, and few indexes hold times: so the span is one of keys too, with room at both ends
        for entries that were added later than the time they tell.
        """
        rows, by_time = self, self.model.objects.order_by("at").values_list("pk", flat=True)
        if first is not None:
            rows = rows.filter(at__gte=first)
            if (edge := by_time.filter(at__gte=first - _LATE).first()) is not None:
                rows = rows.filter(pk__gte=edge)
        if before is not None:
            rows = rows.filter(at__lt=before)
            if (edge := by_time.filter(at__gte=before + _LATE).first()) is not None:
                rows = rows.filter(pk__lte=edge)
        return rows

    def newest(self, deed: str, most: int) -> Self:
        """The newest of this kind, so many at the most."""
        return self.filter(deed=deed).order_by("-pk")[:most]

    def update(self, **kwargs: Any) -> NoReturn:
        raise OnlyAddedTo("The audit log is only added to.")

    def delete(self) -> NoReturn:
        raise OnlyAddedTo("The audit log is only added to.")
