"""Mailings in the back-office."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from config.kernel import uuids
from config.kernel.back_office import PageAdmin, masked
from correspondence.admin import mailing_page
from correspondence.models import Correspondence, Mailing
from registry.back_office import OfVisibleOwners


@admin.register(Mailing)
class MailingAdmin(OfVisibleOwners, PageAdmin):
    """What senders wrote."""

    list_display = (
        "id",
        "resource",
        "owner",
        masked("title"),
        "recipient_count",
        "created_at",
        "requested_publish_time",
    )
    list_filter = ("resource", "owner", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("resource", "owner")
    search_fields = ("id",)
    change_form_template = "admin/correspondence/mailing/change_form.html"
    search_help_text = "A mailing's or correspondence's id, or the whole sender's reference."

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return mailing_page.context(request, row)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Mailing], search_term: str
    ) -> tuple[QuerySet[Mailing], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if found := uuids.parse_any(term):
            return queryset.filter(pk__in=_mailings_of(found)), False
        return Mailing.objects.with_reference(term) & queryset, False


def _mailings_of(id: UUID) -> list[UUID]:
    """The id itself, and the mailing of the correspondence with this id."""
    return [id, *Correspondence.objects.filter(pk=id).values_list("mailing_id", flat=True)]
