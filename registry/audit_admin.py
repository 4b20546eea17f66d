"""The audit log in the back-office: to look at, to search and to take along; nobody adds, changes or removes an entry.

An auditor reads what is the affair of his own service owners. What is nobody's (logins, users, groups) is read by who
sees every owner. It stands here and not beside its table, since that knows of no owners.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.audit.actions import record
from config.audit.models import AuditEntry, Deed
from config.kernel import clock, uuids
from config.kernel.back_office import ReadOnlyAdmin
from config.kernel.csv_stream import csv_answer, newest_first
from config.kernel.masking import mask_person_numbers, masked
from registry.audit_filters import DayFilter, NewestRows, OwnerFilter
from registry.back_office import OfVisibleOwners
from registry.models import ServiceOwner
from registry.policies import visible_owners

_MOST_IN_A_LIST = 160  # characters of details


@admin.register(AuditEntry)
class AuditEntryAdmin(OfVisibleOwners, ReadOnlyAdmin):
    """Who did what, when, of what, and why."""

    list_display_links = ("when",)
    list_filter = (DayFilter, OwnerFilter, "deed")
    sortable_by = ()
    paginator = NewestRows  # type: ignore[assignment]  # as much a paginator as the other
    search_fields = ("by",)
    search_help_text = _(
        "A whole user name; the whole id of a letter, a mailing, a file or whatever else; or a letter's whole sender's "
        "reference."
    )
    change_list_template = "admin/audit/auditentry/change_list.html"
    # By what else things are called: from a term to their ids. Apps above add theirs.
    finders: ClassVar[tuple[Callable[[str], Iterable[Any]], ...]] = ()

    class Media:
        css = {"all": ("registry/audit.css",)}

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup in {"owner", "from_day", "to_day"} or super().lookup_allowed(lookup, value, request)

    def of_owners(self, owners: frozenset[int]) -> Q:
        return Q(owner__in=numbers_of(owners))

    def get_list_display(self, request: HttpRequest) -> Any:
        return ("when", "who", "what", self._of_what(request), _owner_column(request), "why", "more")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("when", "who", "what", self._of_what(request), "its_id", _owner_column(request), "why", "told")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    @admin.display(description=_("when"))
    def when(self, entry: AuditEntry) -> str:
        return date_format(localtime(entry.at), "DATETIME_FORMAT")

    @admin.display(description=_("who"))
    def who(self, entry: AuditEntry) -> str:
        return mask_person_numbers(entry.by)

    @admin.display(description=_("what"))
    def what(self, entry: AuditEntry) -> str:
        return entry.get_deed_display()

    @admin.display(description=_("id"))
    def its_id(self, entry: AuditEntry) -> str:
        return entry.target_id or "–"

    @admin.display(description=_("why"))
    def why(self, entry: AuditEntry) -> str:
        return mask_person_numbers(entry.reason)

    @admin.display(description=_("more"))
    def more(self, entry: AuditEntry) -> str:
        told = "; ".join(f"{name}: {value}" for name, value in facts(entry))
        return told if len(told) <= _MOST_IN_A_LIST else f"{told[:_MOST_IN_A_LIST]}…"

    @admin.display(description=_("more"))
    def told(self, entry: AuditEntry) -> str:
        rows = format_html_join("", "<dt>{}</dt><dd>{}</dd>", facts(entry))
        return format_html("<dl>{}</dl>", rows) if rows else "–"

    def _of_what(self, request: HttpRequest) -> Callable[[AuditEntry], str]:
        """The column with the thing itself, as a link where this user may open its page. One for each request: pages
        compare columns by identity.
        """
        shown: Callable[[AuditEntry], str] | None = getattr(request, "_audit_of_what", None)
        if shown is None:
            links = {kind: name for kind, name in self._pages() if self._may_open(request, kind)}

            @admin.display(description=_("of what"))
            def shown(entry: AuditEntry) -> str:
                text = thing(entry)
                if entry.target_type not in links or not entry.target_id or entry.deed == Deed.DELETED:
                    return text
                return format_html(
                    '<a href="{}">{}</a>', reverse(links[entry.target_type], args=[entry.target_id]), text
                )

            request._audit_of_what = shown  # type: ignore[attr-defined]
        return shown

    def _pages(self) -> Iterator[tuple[str, str]]:
        for model in self.admin_site._registry:
            kind = model._meta.label_lower
            yield kind, f"admin:{kind.replace('.', '_')}_change"

    def _may_open(self, request: HttpRequest, kind: str) -> bool:
        return bool(self.admin_site._registry[apps.get_model(kind)].has_view_permission(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """The first way that finds anything: each stands on an index, and all of them at once would on none."""
        term = search_term.strip()
        if not term:
            return queryset, False
        for way in (Q(target_id=str(uuids.parse_any(term) or term)), Q(by=term)):
            if queryset.filter(way).exists():
                return queryset.filter(way), False
        found = {str(its_id) for finder in self.finders for its_id in finder(term)}
        return queryset.filter(target_id__in=found), False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name="audit_auditentry_export"), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """What the list shows with these filters, all of it, as a file; that it was taken along is an entry too."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(reverse("admin:audit_auditentry_changelist"))
        now, details = clock.now(), {"list": "audit.auditentry", **request.GET.dict()}
        by, owner = request.user.get_username(), _only_owner(request)
        noted = record(Deed.EXPORTED, by=by, now=now, owner=owner, details=details)
        before = newest_first(rows.filter(pk__lt=noted.pk))
        return csv_answer(
            f"audit-log-{localtime(now):%Y-%m-%d}.csv",
            _columns(),
            (_row(entry, _owner_names(request)) for entry in before),
        )


def numbers_of(owners: Iterable[int]) -> list[str]:
    """The organisation numbers of these service owners."""
    return list(ServiceOwner.objects.filter(pk__in=owners).values_list("organization_number", flat=True))


def _owner_names(request: HttpRequest) -> dict[str, str]:
    """By organisation number, the names of the service owners that the user sees; asked once for each request."""
    names: dict[str, str] | None = getattr(request, "_audit_owner_names", None)
    if names is None:
        rows, owners = ServiceOwner.objects.all(), visible_owners(request.user)
        seen = rows if owners is None else rows.filter(pk__in=owners)
        names = dict(seen.values_list("organization_number", "name"))
        request._audit_owner_names = names  # type: ignore[attr-defined]
    return names


def _owner_column(request: HttpRequest) -> Callable[[AuditEntry], str]:
    """The column with the service owner whose affair it is; one for each request, as pages compare columns."""
    shown: Callable[[AuditEntry], str] | None = getattr(request, "_audit_owner", None)
    if shown is None:
        names = _owner_names(request)

        @admin.display(description=_("service owner"))
        def shown(entry: AuditEntry) -> str:
            return owner_of(entry, names) or "–"

        request._audit_owner = shown  # type: ignore[attr-defined]
    return shown


def owner_of(entry: AuditEntry, names: Mapping[str, str]) -> str:
    """The service owner whose affair the entry is; of one that is gone the number, and nothing where there is none."""
    return f"{names[entry.owner]} ({entry.owner})" if entry.owner in names else entry.owner


def thing(entry: AuditEntry) -> str:
    """What it was done to: the kind of thing in words, and its id."""
    try:
        kind = str(apps.get_model(entry.target_type)._meta.verbose_name) if entry.target_type else ""
    except (LookupError, ValueError):
        kind = entry.target_type  # of a release that knew it
    return f"{kind} {entry.target_id}".strip() or "–"


def facts(entry: AuditEntry) -> list[tuple[str, str]]:
    """The details, each with its name, as text."""
    told = masked(entry.details)
    return [(name.replace("_", " "), _text(value)) for name, value in told.items()]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(_text(part) for part in value) or "–"
    return "–" if value is None else str(value)


def _columns() -> tuple[Any, ...]:
    return (
        _("number"),
        _("when"),
        _("who"),
        _("what"),
        _("of what"),
        _("id"),
        _("service owner"),
        _("why"),
        _("details"),
    )


def _row(entry: AuditEntry, names: Mapping[str, str]) -> tuple[Any, ...]:
    return (
        entry.pk,
        localtime(entry.at).isoformat(timespec="seconds"),
        mask_person_numbers(entry.by),
        entry.get_deed_display(),
        entry.target_type,
        entry.target_id,
        owner_of(entry, names),
        mask_person_numbers(entry.reason),
        json.dumps(masked(entry.details), ensure_ascii=False, sort_keys=True) if entry.details else "",
    )


def _only_owner(request: HttpRequest) -> str:
    """The service owner of who sees one alone: then the export is that owner's affair, and its auditors read of it."""
    owners = visible_owners(request.user)
    return numbers_of(owners)[0] if owners is not None and len(owners) == 1 else ""
