"""What the pages of every app in the back-office share: rows to look at, with person numbers masked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property

from config.kernel.masking import mask_person_numbers

MANY_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Badge:
    """A pill with a text."""

    text: Any
    tone: str  # good, info, warn, bad or quiet, as in the class `bo-good`


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline (admin/parts/timeline.html)."""

    at: datetime
    what: Any
    details: str = ""
    wire: str = ""  # the status as senders know it
    who: Any = ""
    tone: str = "quiet"
    by_staff: bool = False
    whole_mailing: bool = False


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

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """Of a row that is somebody else's, the same is said as of none: no page tells which it is."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        raise Http404


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


class PageAdmin(ReadOnlyAdmin):
    """A row's page is a template of its own (`change_form_template`), without a form."""

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the template is given of this row."""
        raise NotImplementedError

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return ()

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context.update(self.page_context(request, obj))
        return super().render_change_form(request, context, add, change, form_url, obj)


def page_address(request: HttpRequest, row: Model) -> str:
    """The address of the row's own page; empty where it would not open."""
    permission = f"{row._meta.app_label}.view_{row._meta.model_name}"
    if not request.user.has_perm(permission):
        return ""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
