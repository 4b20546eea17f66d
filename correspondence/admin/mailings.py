"""Mailings in the back-office."""

from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from config.kernel import uuids
from config.kernel.back_office import ReadOnlyAdmin, masked
from correspondence.admin.inlines import AttachmentsInline
from correspondence.models import Correspondence, Mailing
from registry.back_office import OfVisibleOwners, VisibleChoices


@admin.register(Mailing)
class MailingAdmin(OfVisibleOwners, ReadOnlyAdmin):
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
    list_filter = (
        ("resource", VisibleChoices),
        ("owner", VisibleChoices),
        ("created_at", admin.DateFieldListFilter),
    )
    list_select_related = ("resource", "owner")
    search_fields = ("id",)
    inlines = (AttachmentsInline,)
    search_help_text = "A mailing's or correspondence's id, or the whole sender's reference."
    fields = (  # type: ignore[assignment]
        "id",
        "resource",
        "owner",
        "created_at",
        masked("created_by"),
        masked("senders_reference"),
        masked("message_sender"),
        "language",
        masked("title"),
        masked("summary"),
        masked("body"),
        "recipient_count",
        "requested_publish_time",
        "due_date_time",
        "is_confirmation_needed",
        "is_confidential",
        "ignore_reservation",
        "allow_forwarding",
        masked("external_references"),
        masked("property_list"),
        masked("reply_options"),
        "purged_at",
        "content_erased_at",
        "traceparent",
    )
    readonly_fields = fields  # type: ignore[assignment]

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
