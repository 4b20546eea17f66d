"""A long list of the back-office: newest first, page by page, with a form of filters and a search of its own."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.back_office import ReadOnlyAdmin
from config.kernel.back_office_pages import NewestFirst
from config.kernel.back_office_search import PrivateSearch, term_of, told


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that the list is limited to, and the way to the list without it."""

    label: str
    link: str


class FilteredList(NewestFirst):
    """What the page shows of filters and search, beside the rows."""

    @property
    def form_specs(self) -> list[Any]:
        """The fields of the form."""
        return [spec for spec in self.filter_specs if getattr(spec, "in_form", False)]

    @property
    def faults(self) -> list[Any]:
        """What is wrong with them."""
        return [spec.fault for spec in self.form_specs if spec.fault]

    @property
    def other_parameters(self) -> list[tuple[str, str]]:
        """What the address holds beside the form's fields, for the form to keep."""
        fields = {name for spec in self.form_specs for name in spec.parameters}
        return [(name, text) for name, texts in self.filter_params.items() if name not in fields for text in texts]

    @property
    def search_is_over(self) -> bool:
        """Whether it was for a search that this session does not know."""
        return bool(self.query) and term_of(self.request, self.query) is None

    @cached_property
    def period(self) -> Any:
        """Years, months or days to click on; None where the list has none."""
        spec = next((spec for spec in self.form_specs if hasattr(spec, "steps")), None)
        return spec.steps(self) if spec else None

    @cached_property
    def chips(self) -> list[Chip]:
        """The search, and each filter that is set."""
        found = []
        if self.query:
            term = told(self.request, self.query) or "–"
            found.append(Chip(gettext("Search: %(term)s") % {"term": term}, self.get_query_string(remove=[SEARCH_VAR])))
        for spec in self.filter_specs:
            if spec.used_parameters and (value := _told(spec)):
                label = gettext("%(filter)s: %(value)s") % {"filter": capfirst(str(spec.title)), "value": value}
                found.append(
                    Chip(label, self.get_query_string(remove=[str(name) for name in spec.expected_parameters() or ()]))
                )
        return found


def _told(spec: Any) -> str:
    """What a filter is set to, in words; also one of Django's own kind, with links to choose from."""
    if hasattr(spec, "told"):
        return str(spec.told)
    if not isinstance(spec, SimpleListFilter):
        return ""
    return next((str(label) for value, label in spec.lookup_choices if str(value) == spec.value()), "")


class LongList(PrivateSearch, ReadOnlyAdmin):
    """Pages of rows whose ids are UUIDs of version 7."""

    change_list_template = "staff/list/page.html"
    ordering = ("-pk",)
    sortable_by = ()
    search_fields: ClassVar[Any] = ("id",)  # so that Django offers a search; what is found says `found_by`
    empty_text: ClassVar[Any] = _("There is nothing yet.")

    def for_list(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows with what the columns show."""
        return rows

    def found_by(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """Those that somebody looks for who writes this."""
        raise NotImplementedError

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Pages by id."""
        return FilteredList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Called by what is in it: nothing has to be selected, and nothing is changed."""
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Never twice the same row; none for a search of which the session knows nothing any more."""
        if not search_term:
            return queryset, False
        term = term_of(request, search_term)
        return (queryset.none() if term is None else self.found_by(queryset, term)), False

    class Media:
        css: ClassVar[Any] = {"all": ["staff/lists.css"]}
