"""What the pages of all registers share: history out of the audit log, and deleting that says why it can not."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.models import Model, ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from config.audit.history import AuditedHistory
from config.kernel.back_office import MANY_ROWS, OfferedLookups
from config.kernel.referring import references

MOST_DELETED = 500  # at once: each is looked at, named on the page, and told in the audit log


class RegisterAdmin(AuditedHistory, OfferedLookups):
    """Rows that people write, by actions that check them and tell the audit log."""

    delete_confirmation_template = "audit/delete_confirmation.html"
    delete_selected_confirmation_template = "audit/delete_selected.html"
    kept_because: ClassVar[Any] = ""  # why rows that others refer to are kept, and what can be done instead

    def get_paginator(self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any) -> Paginator:
        found: Paginator = super().get_paginator(request, queryset, per_page, *args, **kwargs)
        return _Bounded(found) if queryset.query.where else found

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return _told(request, lambda: super(RegisterAdmin, self).changeform_view(request, *args, **kwargs))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        context = {**(extra_context or {}), "kept_because": self.kept_because}
        return _told(request, lambda: super(RegisterAdmin, self).delete_view(request, object_id, context))

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> Any:
        rows = list(islice(objs, MOST_DELETED + 1))
        if len(rows) > MOST_DELETED:
            return [], {}, set(), [_("At most %(most)s are deleted at once.") % {"most": MOST_DELETED}]
        if protected := [words for row in rows for words in _kept(row, is_alone=len(rows) == 1)]:
            return [], {}, set(), protected
        return super().get_deleted_objects(rows, request)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset:
            self.delete_model(request, row)


class _Bounded(Paginator):
    """Counts no further than somebody would leaf through."""

    def __init__(self, paginator: Paginator) -> None:
        super().__init__(paginator.object_list, paginator.per_page)

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MANY_ROWS].count())


def badge(text: Any, kind: str) -> str:
    """A word as a pill, in the colour of its kind: good, warn, bad, info or quiet."""
    return format_html('<span class="bo-badge bo-{}">{}</span>', kind, text)


def _told(request: HttpRequest, answer: Callable[[], Any]) -> HttpResponse | Any:
    """The answer; where somebody was quicker with what it would store, the page anew with a word on that."""
    try:
        return answer()
    except (ValidationError, IntegrityError, ProtectedError):
        if request.method != "POST":
            raise
        messages.error(request, _("Somebody else has changed this at the same time. Nothing was saved: look again."))
        return HttpResponseRedirect(request.path)


def _kept(row: Model, *, is_alone: bool) -> Iterator[str]:
    """What refers to it, in words; with the row's name where it is one of several."""
    for reference in references(row):
        figures = {"row": row, "kind": capfirst(reference.kind), "count": reference.count}
        if is_alone:
            told = _("%(kind)s: %(count)s or more") if reference.is_more else _("%(kind)s: %(count)s")
        else:
            told = (
                _("%(row)s – %(kind)s: %(count)s or more") if reference.is_more else _("%(row)s – %(kind)s: %(count)s")
            )
        yield told % figures
