"""Rows that pages of mailings, correspondences and attachments show below their own."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.timezone import localtime

from attachments.admin import AttachmentAdmin
from config.kernel.back_office import ReadOnlyInline, acting_party, masked, page_link
from config.kernel.masking import mask_person_numbers
from correspondence.models import MailingAttachment, StatusEvent
from registry.back_office import OfVisibleOwners


class HistoryInline(ReadOnlyInline):
    """A correspondence's history; who sees the letter sees it."""

    model = StatusEvent
    fields = readonly_fields = ("at", "status", masked("text"), acting_party)  # type: ignore[assignment]
    ordering = ("at", "pk")


class AttachmentsInline(OfVisibleOwners, ReadOnlyInline):
    """The files of a mailing, in the sender's order."""

    owner_path = "attachment__owner"

    model = MailingAttachment
    fields = readonly_fields = ("position", "file", "status", "size", "expiration_time")
    ordering = ("position",)
    verbose_name_plural = "attachments"

    def get_queryset(self, request: HttpRequest) -> QuerySet[MailingAttachment]:
        rows: QuerySet[MailingAttachment] = super().get_queryset(request)
        return rows.select_related("attachment")

    @admin.display(description="attachment")
    def file(self, link: MailingAttachment) -> str:
        return page_link(link.attachment, mask_person_numbers(link.attachment.file_name))

    @admin.display(description="status")
    def status(self, link: MailingAttachment) -> str:
        return mask_person_numbers(link.attachment.status_text)

    @admin.display(description="size")
    def size(self, link: MailingAttachment) -> str:
        return filesizeformat(link.attachment.size or 0)


class UsedByInline(OfVisibleOwners, ReadOnlyInline):
    """The mailings that carry an attachment, on its page; the newest hundred."""

    owner_path = "mailing__owner"

    model = MailingAttachment
    fields = readonly_fields = ("mailing_link", "created_at", "recipients", "expiration_time")
    verbose_name_plural = "mailings that carry it (the newest hundred)"
    most_rows = 100

    def get_queryset(self, request: HttpRequest) -> QuerySet[MailingAttachment]:
        rows: QuerySet[MailingAttachment] = super().get_queryset(request)
        return rows.select_related("mailing").order_by("-mailing")

    @admin.display(description="mailing")
    def mailing_link(self, link: MailingAttachment) -> str:
        return page_link(link.mailing, str(link.mailing_id))

    @admin.display(description="created")
    def created_at(self, link: MailingAttachment) -> str:
        return date_format(localtime(link.mailing.created_at), "DATETIME_FORMAT")

    @admin.display(description="recipients")
    def recipients(self, link: MailingAttachment) -> int:
        return link.mailing.recipient_count


# The attachments' page cannot know who carries them; what it shows of that is given to it from above (design §2).
AttachmentAdmin.inlines = (*AttachmentAdmin.inlines, UsedByInline)
