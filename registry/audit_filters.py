"""How the audit log is looked through: by service owner and by day."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _

from registry.models import ServiceOwner
from registry.policies import visible_owners


class NewestRows(Paginator):
    """Pages of the newest rows, so many at the most: nobody leafs through more, and to count them all takes long."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[: self.most].count())


class FormFilter(admin.SimpleListFilter):
    """A filter that is filled in: the other filters of the list go along with it as hidden fields."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[Any]:
        self.others = [(name, value) for name, value in request.GET.items() if name not in {*self.names, "p", "e"}]
        return []

    @property
    def names(self) -> list[str]:
        """The parameters of its own."""
        return [name for name in self.expected_parameters() if name]

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Told to the template: how to be rid of it."""
        yield {"query_string": changelist.get_query_string(remove=self.names), "selected": not self.used_parameters}


class OwnerFilter(FormFilter):
    """Entries of one service owner, of those that the user sees."""

    title = _("service owner")
    parameter_name = "owner"
    template = "admin/audit/owner_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[Any]:
        super().lookups(request, model_admin)
        owners = visible_owners(request.user)
        rows = ServiceOwner.objects.all() if owners is None else ServiceOwner.objects.filter(pk__in=owners)
        self.owners = list(rows.order_by("name").values_list("organization_number", "name"))
        return self.owners

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(owner=self.value()) if self.value() else queryset


class DayFilter(FormFilter):
    """Entries from one day to another, both included, as the days are where the user works."""

    title = _("day")
    parameter_name = "from_day"
    template = "admin/audit/day_filter.html"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        if "to_day" in params:
            self.used_parameters["to_day"] = params.pop("to_day")[-1]

    def expected_parameters(self) -> list[str | None]:
        return ["from_day", "to_day"]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """A day that is none is left out, and its field empty."""
        before = None if self.last is None else _midnight(self.last + timedelta(days=1))
        return queryset.between(None if self.first is None else _midnight(self.first), before)

    def day(self, name: str) -> date | None:
        try:
            found = date.fromisoformat(str(self.used_parameters.get(name) or ""))
        except ValueError:
            return None
        return found if date(1970, 1, 1) <= found < date(9999, 1, 1) else None

    @property
    def first(self) -> date | None:
        return self.day("from_day")

    @property
    def last(self) -> date | None:
        return self.day("to_day")


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))
