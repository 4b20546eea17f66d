"""The history of one row, as the audit log tells it: who changed what, and when, from which value to which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from config.audit.models import AuditEntry, Deed
from config.audit.rows import COMMAND

MOST_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One entry, in words."""

    at: datetime
    who: str
    what: str
    reason: str
    source: str  # the file and line that it came from; empty where somebody did it by hand
    is_new: bool
    fields: list[tuple[str, str, str]]  # its name, what it was, what it is


class AuditedHistory:
    """For a ModelAdmin: the page *History* of a row reads the audit log."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The newest steps first; what is older than MOST_ENTRIES stands in the log alone."""
        pages: Any = self
        row = pages.get_object(request, unquote(object_id))
        if not pages.has_view_or_change_permission(request, row):
            raise PermissionDenied
        if row is None:
            answer: HttpResponse = pages._get_obj_does_not_exist_redirect(request, pages.opts, object_id)
            return answer
        entries = list(
            AuditEntry.objects.filter(target_id=str(row.pk), target_type=row._meta.label_lower)[: MOST_ENTRIES + 1]
        )
        context = {
            **pages.admin_site.each_context(request),
            "title": _("Change history: %s") % row,
            "steps": [step(entry, type(row)) for entry in entries[:MOST_ENTRIES]],
            "is_cut": len(entries) > MOST_ENTRIES,
            "module_name": capfirst(str(pages.opts.verbose_name_plural)),
            "object": row,
            "opts": pages.opts,
            **(extra_context or {}),
        }
        request.current_app = pages.admin_site.name
        return TemplateResponse(request, "audit/history.html", context)


def step(entry: AuditEntry, model: type[Model]) -> Step:
    """The entry in words."""
    details = entry.details
    return Step(
        at=entry.at,
        who=_("an operator, by command") if entry.by == COMMAND else entry.by,
        what=str(entry.get_deed_display()),
        reason=entry.reason,
        source=_source(details),
        is_new=entry.deed == Deed.ADDED,
        fields=fields_in_words(details.get("changes") or {}, model),
    )


def _source(details: dict[str, Any]) -> str:
    if "file" not in details:
        return ""
    return _("imported from %(file)s") % {"file": details["file"]}


def fields_in_words(changes: Mapping[str, Any], model: type[Model]) -> list[tuple[str, str, str]]:
    """By field: what a form calls it, what it was and what it is. What is new and says no, says nothing."""
    return [
        (_label(model, name), in_words(before), in_words(after))
        for name, (before, after) in changes.items()
        if not (before is None and after is False)
    ]


def _label(model: type[Model], name: str) -> str:
    """What a form calls the field; the name itself of one that is no more."""
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    return capfirst(str(field.verbose_name))


def in_words(value: Any) -> str:
    """A value as people say it; empty for nothing."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)
