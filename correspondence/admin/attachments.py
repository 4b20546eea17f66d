"""The mailings that an attachment's page shows."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime

from attachments.admin import AttachmentAdmin
from config.kernel.back_office import ReadOnlyInline, page_link
from correspondence.models import MailingAttachment
from registry.back_office import OfVisibleOwners


class UsedByInline(OfVisibleOwners, ReadOnlyInline):
    """The mailings that carry an attachment, on its page; the newest hundred."""

    model = MailingAttachment
    owner_path = "mailing__owner"
    fields = readonly_fields = ("mailing_link", "created_at", "recipients", "expiration_time")
    verbose_name_plural = "mailings that carry it (the newest hundred)"
    most_rows = 100

    def get_queryset(self, request: HttpRequest) -> QuerySet[MailingAttachment]:
        links: QuerySet[MailingAttachment] = super().get_queryset(request)
        return links.select_related("mailing").order_by("-mailing")

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
