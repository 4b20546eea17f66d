"""Correspondences in the back-office."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path

from config.kernel import clock
from config.kernel.back_office import PageAdmin
from correspondence import actions
from correspondence.admin import letter_page, reveal
from correspondence.admin.acting import ActsOnLetters
from correspondence.admin.letter_list import LetterList
from correspondence.models import Correspondence


@admin.register(Correspondence)
class CorrespondenceAdmin(ActsOnLetters, LetterList, PageAdmin):
    """Each recipient's letter, and where it stands in the queue."""

    change_form_template = "admin/correspondence/correspondence/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correspondence]:
        rows: QuerySet[Correspondence] = super().get_queryset(request)
        return rows.select_related("mailing", "resource")

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return letter_page.context(request, row)

    def get_urls(self) -> list[URLPattern]:
        wrapped = self.admin_site.admin_view
        return [
            path("<uuid:pk>/reveal/", wrapped(self.reveal_view), name="correspondence_correspondence_reveal"),
            *super().get_urls(),
        ]

    def reveal_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The recipient's number, once: to the page's script, or as a page of its own."""
        if not (self.has_view_permission(request) and letter_page.may_reveal(request)):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        letter = self.get_queryset(request).select_related("owner").filter(pk=pk).first()
        if letter is None:
            raise Http404
        revealed = actions.reveal_recipient(letter=letter, by=request.user.get_username(), now=clock.now())
        return reveal.answer(request, letter, revealed, self.admin_site.each_context(request))
