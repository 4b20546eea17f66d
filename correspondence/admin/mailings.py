"""Mailings in the back-office."""

from django.contrib import admin

from config.kernel.back_office import masked
from correspondence.admin.inlines import AttachmentsInline
from correspondence.admin.mailing_list import MailingList
from correspondence.models import Mailing


@admin.register(Mailing)
class MailingAdmin(MailingList):
    """What senders wrote."""

    inlines = (AttachmentsInline,)
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
