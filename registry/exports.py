"""Lists of the back-office as files: whole, filtered as on the page, noted in the audit log, and bounded in number."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, ClassVar

import structlog
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.timezone import get_current_timezone, localtime

from config.audit.actions import record
from config.audit.models import Deed
from config.kernel import body_watch, clock
from config.kernel.back_office_csv import Column, batches, head, lines
from config.kernel.back_office_pages import NewestFirst
from config.kernel.back_office_search import told
from config.kernel.database import give_back
from config.kernel.transfers import TooManyExports, exports
from config.kernel.wsgi import connection_of
from registry.models import ServiceOwner
from registry.policies import visible_owners

logger = structlog.get_logger(__name__)


class WithoutRows(NewestFirst):
    """What a list is filtered to; no page of it is looked up."""

    def get_results(self, request: HttpRequest) -> None:
        """None are."""
        self.result_list, self.result_count = [], 0


@dataclass(frozen=True, slots=True)
class Asked:
    """Who exports what, for the audit log."""

    by: str
    owners: Sequence[str]  # organisation numbers, one entry for each; "": of any owner
    details: dict[str, Any]

    def note(self, **told: Any) -> None:
        """Add that to the audit log."""
        with transaction.atomic():
            for owner in self.owners:
                details = {**self.details, **told}
                record(Deed.EXPORTED, by=self.by, now=clock.now(), owner=owner, details=details)


class Export:
    """The lines of the file. Holds one of the process's slots until it is closed."""

    def __init__(
        self, changelist: NewestFirst, columns: Sequence[Column], asked: Asked, watch: body_watch.Watch
    ) -> None:
        """Noted, before anything is answered.

        Raises:
            TooManyExports: no slot is free.
        """
        self._rows = changelist.model_admin.for_list(changelist.queryset)
        self._bounds, self._columns, self._asked, self._watch = changelist.bounds, columns, asked, watch
        self._language, self._zone = translation.get_language(), get_current_timezone()
        self._written, self._is_whole, self._is_open = 0, False, True
        exports.take(asked.by)
        try:
            asked.note(state="begun")
        except BaseException:
            exports.release(asked.by)
            raise
        self._watch.stand_still()

    def __iter__(self) -> Iterator[bytes]:
        body_watch.start(self._watch)
        try:
            yield from self._passed_on(self._head())
            for found in batches(self._rows, self._bounds):
                text = self._lines(found)
                give_back()  # while the client takes its time others need the connection
                self._written += len(found)
                yield from self._passed_on(text)
            self._is_whole = True
        except DatabaseError as error:
            # The answer has begun: what is left is to end it as broken off, which the client sees.
            logger.error("export_broke_off", rows=self._written, error=str(error))
            raise

    def close(self) -> None:
        """The slot is free, and how many rows went out is noted; twice is harmless."""
        if self._is_open:
            self._is_open = False
            body_watch.stop(self._watch)
            exports.release(self._asked.by)
            self._asked.note(state="whole" if self._is_whole else "broke off", rows=self._written)

    def _passed_on(self, text: str) -> Iterator[bytes]:
        if text:
            self._watch.go_on()
            yield text.encode()
            self._watch.stand_still()

    def _head(self) -> str:
        with self._as_asked():
            return head(self._columns)

    def _lines(self, rows: Sequence[Any]) -> str:
        with self._as_asked():
            return lines(self._columns, rows)

    def _as_asked(self) -> ExitStack:
        """In the language and time zone of who asked, of which the thread knows nothing once the view is through."""
        stack = ExitStack()
        stack.enter_context(translation.override(self._language))
        stack.enter_context(timezone.override(self._zone))
        return stack


class ExportedList:
    """For a ModelAdmin whose list is NewestFirst: a button that exports what its filters let through."""

    export_columns: ClassVar[Sequence[Column]]

    def get_urls(self) -> list[URLPattern]:
        """Django's, and that of the file."""
        options: Any = self.opts  # type: ignore[attr-defined]
        view = self.admin_site.admin_view(self.export_view)  # type: ignore[attr-defined]
        own = path("export/", view, name=f"{options.app_label}_{options.model_name}_export")
        return [own, *super().get_urls()]  # type: ignore[misc]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """For the file only what the list is filtered to."""
        match = request.resolver_match
        is_for_the_file = match is not None and (match.url_name or "").endswith("_export")
        return WithoutRows if is_for_the_file else super().get_changelist(request, **kwargs)  # type: ignore[misc]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The file. By POST, since it is noted who took it: no link from elsewhere makes an entry."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        options: Any = self.opts  # type: ignore[attr-defined]
        changelist = self.get_changelist_instance(request)  # type: ignore[attr-defined]
        if any(getattr(spec, "fault", "") for spec in changelist.filter_specs):
            address = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
            return HttpResponseRedirect(f"{address}{changelist.get_query_string()}")
        asked = Asked(request.user.get_username(), _owners(request, changelist), _details(request, changelist))
        watch = body_watch.transfer_watch(connection_of(request), outgoing=True)
        try:
            export = Export(changelist, self.export_columns, asked, watch)
        except TooManyExports as error:
            return HttpResponse(
                str(error),
                status=error.status_code,
                content_type="text/plain; charset=utf-8",
                headers={"Retry-After": "10"},
            )
        name = f"{options.model_name}-{localtime(clock.now()):%Y-%m-%d-%H%M}.csv"
        headers = {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": f'attachment; filename="{name}"'}
        give_back()
        return StreamingHttpResponse(export, headers=headers)


def _owners(request: HttpRequest, changelist: NewestFirst) -> Sequence[str]:
    """Whose affair it is: of the owners that are filtered for, or of all that the user is limited to."""
    specs: Any = changelist.filter_specs
    chosen = next((spec for spec in specs if getattr(spec, "column", "") == "owner"), None)
    if chosen is not None and chosen.used_parameters:
        return [owner.organization_number for owner in chosen.found]
    limited_to = visible_owners(request.user)
    if limited_to is None:
        return [""]
    found = ServiceOwner.objects.filter(pk__in=limited_to).order_by("pk")
    return list(found.values_list("organization_number", flat=True)) or [""]


def _details(request: HttpRequest, changelist: NewestFirst) -> dict[str, Any]:
    """Which list, what it was filtered to, as the address says it, and what was searched for without persons."""
    filters = {name: values[-1] for name, values in changelist.filter_params.items() if name != SEARCH_VAR}
    details: dict[str, Any] = {"list": changelist.opts.label_lower, "filter": filters}
    return {**details, "search": told(request, changelist.query)} if changelist.query else details
