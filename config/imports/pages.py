"""Pages of a ModelAdmin that imports a file: bring it, look at what it would change, say yes."""

import csv
import io
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, BinaryIO, ClassVar, Protocol
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from config.audit.history import fields_in_words
from config.imports import actions
from config.imports.columns import Column
from config.imports.csv_file import CsvFile, UnusableFile
from config.imports.forms import NOTHING, ConfirmForm, FileForm
from config.imports.models import KEPT, Upload
from config.imports.preview import MOST_LINES, MOST_SHOWN, NotStored, Preview, Shown, TooManyLines
from config.imports.reader import MOST_MEGABYTES
from config.imports.stored_file import opened
from config.kernel import clock
from config.kernel.database import PASSING, give_back

_EVERY_FAULT = MOST_LINES


class Importer(Protocol):
    """What a register does with a file."""

    @property
    def columns(self) -> Mapping[str, Column]:
        """By name."""

    @property
    def key(self) -> str:
        """The column without which there is nothing to import."""

    @property
    def most_lines(self) -> int:
        """Longer files are refused."""

    def read(self, file: BinaryIO) -> CsvFile:
        """The file, its header read. Raises UnusableFile."""

    def preview(self, file: BinaryIO, user: Any, most: int) -> Preview:
        """What it would change. Raises UnusableFile."""

    def carry_out(self, file: BinaryIO, user: Any, upload: Upload, confirmed: ConfirmForm) -> Preview:
        """Store what was shown. Raises UnusableFile, NotStored, or what passes."""


class ImportPages:
    """For a ModelAdmin. Who may add and change its rows may import them."""

    importer: ClassVar[Importer]
    change_list_template: Any = "imports/change_list.html"

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Who may see these pages."""
        pages: Any = self
        return bool(pages.has_add_permission(request) and pages.has_change_permission(request))

    def get_urls(self) -> list[URLPattern]:
        site: Any = self.admin_site  # type: ignore[attr-defined]
        view, name = site.admin_view, self._name
        return [
            path("import/", view(self.import_view), name=name("import")),
            path("import/template.csv", view(self.template_view), name=name("import_template")),
            path("import/<uuid:upload>/", view(self.preview_view), name=name("import_preview")),
            path("import/<uuid:upload>/errors.csv", view(self.errors_view), name=name("import_errors")),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        link = self._address("import") if self.has_import_permission(request) else ""
        return super().changelist_view(request, {**(extra_context or {}), "import_link": link})  # type: ignore[misc]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """The form that takes a file."""
        self._check(request)
        form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
        if form.is_valid() and (upload := self._stored(request, form)):
            return HttpResponseRedirect(self._address("import_preview", upload.pk))
        context = {
            "title": _("Import from a file"),
            "form": form,
            "columns": self.importer.columns.values(),
            "key": self.importer.key,
            "most_lines": self.importer.most_lines,
            "most_megabytes": MOST_MEGABYTES,
            "template_link": self._address("import_template"),
        }
        return self._page(request, "imports/upload.html", context)

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """A file with all columns and an example of each; as Excel opens it here, with semicolons and its mark."""
        self._check(request)
        columns = self.importer.columns.values()
        rows = [[column.name for column in columns], [column.example for column in columns]]
        return self._csv(f"{self._kind.replace('.', '-')}.csv", rows)

    def preview_view(self, request: HttpRequest, upload: UUID) -> HttpResponse:
        """What the file would change; and, once somebody says yes, the way back to the list."""
        self._check(request)
        kept = self._upload(request, upload)
        if kept is None:
            return self._gone(request)
        if request.method == "POST":
            return self._confirmed(request, kept)
        try:
            preview = self.importer.preview(opened(kept), request.user, MOST_SHOWN)
        except (UnusableFile, *PASSING) as fault:
            return self._back(request, fault)
        form = ConfirmForm(initial={"seal": preview.seal})
        context = {
            "title": _("What the file would change"),
            "preview": preview,
            "additions": [self._row(shown) for shown in preview.additions],
            "changes": [self._row(shown) for shown in preview.changes],
            "form": form,
            "upload": kept,
            "minutes": int(KEPT.total_seconds() // 60),
            "errors_link": self._address("import_errors", kept.pk),
        }
        return self._page(request, "imports/preview.html", context)

    def errors_view(self, request: HttpRequest, upload: UUID) -> HttpResponse:
        """Every line that breaks a rule, as a file."""
        self._check(request)
        kept = self._upload(request, upload)
        if kept is None:
            return self._gone(request)
        try:
            faults = self.importer.preview(opened(kept), request.user, _EVERY_FAULT).faults
        except (UnusableFile, *PASSING) as fault:
            return self._back(request, fault)
        rows = ([fault.line, fault.column, fault.rule] for fault in faults)
        return self._csv("errors.csv", [[_("line"), _("column"), _("rule")], *rows])

    def _stored(self, request: HttpRequest, form: FileForm) -> Upload | None:
        """The file that waits; none, and the form says why, where it cannot be used."""
        file = form.cleaned_data["file"]
        upload = actions.keep(user=request.user, kind=self._kind, name=file.name, chunks=file.chunks(), now=clock.now())
        try:
            _check_length(self.importer.read(opened(upload)), self.importer.most_lines)
        except UnusableFile as fault:
            actions.drop(upload=upload)
            form.add_error("file", self._told(fault))
            return None
        return upload

    def _confirmed(self, request: HttpRequest, upload: Upload) -> HttpResponse:
        form, here = ConfirmForm(request.POST), self._address("import_preview", upload.pk)
        if not form.is_valid():
            return HttpResponseRedirect(here)
        if form.data.get("bad_lines", "") == NOTHING:
            actions.drop(upload=upload)
            messages.info(request, _("Nothing was imported."))
            return HttpResponseRedirect(self._address("import"))
        try:
            done = self._carried_out(request, upload, form)
        except (NotStored, *PASSING) as fault:
            messages.warning(request, self._told(fault))
            return HttpResponseRedirect(here)
        except UnusableFile as fault:
            return self._back(request, fault)
        if done is None:
            return self._gone(request)
        messages.success(request, _told_result(done))
        return HttpResponseRedirect(self._address("changelist"))

    @transaction.atomic
    def _carried_out(self, request: HttpRequest, upload: Upload, form: ConfirmForm) -> Preview | None:
        """What it has changed, the file gone with it; None where somebody was quicker: it is confirmed once."""
        held = Upload.objects.select_for_update().filter(pk=upload.pk).first()
        if held is None:
            return None
        done = self.importer.carry_out(opened(held), request.user, held, form)
        actions.drop(upload=held)
        return done

    def _row(self, shown: Shown) -> dict[str, Any]:
        model: Any = self.model  # type: ignore[attr-defined]
        fields = fields_in_words(shown.changes, model)
        return {"line": shown.line, "title": shown.title, "fields": fields}

    def _upload(self, request: HttpRequest, key: UUID) -> Upload | None:
        return Upload.objects.of(request.user, self._kind, clock.now()).filter(pk=key).first()

    def _gone(self, request: HttpRequest) -> HttpResponse:
        text = _(
            "This file is not here any more: it was imported, replaced by another, or kept for an hour. Bring it again."
        )
        messages.warning(request, text)
        return HttpResponseRedirect(self._address("import"))

    def _back(self, request: HttpRequest, fault: Exception) -> HttpResponse:
        messages.error(request, self._told(fault))
        return HttpResponseRedirect(self._address("import"))

    def _told(self, fault: Exception) -> str:
        if isinstance(fault, PASSING):  # whose text is the database's, which may have ended the connection
            give_back()
            return _(
                "Somebody else is writing to the register, or the service is very busy. Nothing was stored: try again."
            )
        return str(fault)

    def _check(self, request: HttpRequest) -> None:
        if not self.has_import_permission(request):
            raise PermissionDenied

    def _csv(self, name: str, rows: Iterable[Iterable[Any]]) -> HttpResponse:
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows(rows)
        answer = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        pages: Any = self
        shared = {
            **pages.admin_site.each_context(request),
            "opts": pages.opts,
            "list_link": self._address("changelist"),
        }
        return TemplateResponse(request, template, {**shared, **context})

    @property
    def _kind(self) -> str:
        opts: Any = self.opts  # type: ignore[attr-defined]
        return str(opts.label_lower)

    def _name(self, page: str) -> str:
        opts: Any = self.opts  # type: ignore[attr-defined]
        return f"{opts.app_label}_{opts.model_name}_{page}"

    def _address(self, page: str, *arguments: Any) -> str:
        return reverse(f"admin:{self._name(page)}", args=arguments)


def _told_result(done: Preview) -> str:
    said = _("The file is imported: %(new)s added, %(changed)s changed, %(unchanged)s unchanged, %(refused)s left out.")
    return said % done.told()


def _check_length(file: CsvFile, most: int) -> None:
    lines = sum(1 for _line in islice(file.lines(), most + 1))
    if lines > most:
        raise TooManyLines(most)
    if not lines:
        raise UnusableFile(_("The file has no lines below the names of its columns."))
