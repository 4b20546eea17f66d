"""What the pages of every app in the back-office share: rows to look at, with person numbers masked."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html

from config.kernel.masking import mask_person_numbers

MANY_ROWS = 10_000


def masked(field: str) -> Callable[[Any], str]:
    """A column that shows a field with person numbers masked, wherever a sender wrote one."""

    @admin.display(description=field.replace("_", " "))
    def show(row: Any) -> str:
        value = getattr(row, field)
        return "" if value is None else mask_person_numbers(str(value))

    return show


class _Estimated(Paginator):
    """The length of a whole table as the database has last counted it; exact where it is short, or filtered."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        if not rows.query.where:
            with connection.cursor() as cursor:
                cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [rows.model._meta.db_table])
                [estimate] = cursor.fetchone()
            if estimate >= MANY_ROWS:
                return int(estimate)
        return int(rows.count())


class OfferedLookups(admin.ModelAdmin):
    """Lists are looked through by what they offer only, and none counts a long table."""

    paginator = _Estimated
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Any other lookup than an offered filter would tell, letter by letter, what is masked."""
        return any(_offers(entry, lookup) for entry in self.list_filter)


def _offers(entry: Any, lookup: str) -> bool:
    """Whether an entry of `list_filter` reads this parameter: a filter's own, or the lookups of a field."""
    if isinstance(entry, type):
        return lookup in (*getattr(entry, "parameters", ()), getattr(entry, "parameter_name", None))
    name = entry[0] if isinstance(entry, tuple) else entry
    return lookup == name or lookup.startswith(f"{name}__")


class ReadOnlyAdmin(OfferedLookups):
    """Rows change through actions only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class _FirstRows(BaseInlineFormSet):
    """No more rows than the page is to show."""

    most_rows: int | None = None

    def get_queryset(self) -> Any:
        # Asked again for each form: a fresh slice would be a fresh query.
        if not hasattr(self, "_first"):
            rows = super().get_queryset()
            self._first = rows if self.most_rows is None else rows[: self.most_rows]
        return self._first


class ReadOnlyInline(admin.TabularInline):
    """Rows that belong to the one that is shown."""

    extra = 0
    can_delete = False
    most_rows: int | None = None  # for what may be very many

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = type("FirstRows", (_FirstRows,), {"most_rows": self.most_rows})
        return super().get_formset(request, obj, formset=formset, **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.display(description="by")
def acting_party(event: Any) -> str:
    """Who did what a row of history tells."""
    return mask_person_numbers(event.party) or "the service"


def page_link(row: Model, text: str) -> str:
    """A link to the row's own page."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(name, args=[row.pk]), text)
