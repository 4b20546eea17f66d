"""The list of attachments: its columns, its filters, how one searches in it, and the file that it is exported to."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from attachments.models import Attachment
from attachments.statuses import AttachmentStatus
from config.kernel import uuids
from config.kernel.back_office_csv import Column
from config.kernel.back_office_filters import ChoiceFilter, CreatedFilter
from config.kernel.back_office_list import LongList
from config.kernel.masking import mask_person_numbers
from registry.back_office import OfVisibleOwners
from registry.exports import ExportedList
from registry.list_filters import OwnerFilter, ResourceFilter, resource_and_owner

# By status: its name, as the API says it, for catalogues to translate; and its colour, which only repeats the words.
_STATUSES = {
    AttachmentStatus.INITIALIZED: (_("Initialized"), "quiet"),
    AttachmentStatus.UPLOAD_PROCESSING: (_("UploadProcessing"), "info"),
    AttachmentStatus.PUBLISHED: (_("Published"), "good"),
    AttachmentStatus.PURGED: (_("Purged"), "quiet"),
    AttachmentStatus.FAILED: (_("Failed"), "bad"),
    AttachmentStatus.EXPIRED: (_("Expired"), "quiet"),
}


def _status(attachment: Attachment) -> tuple[str, str]:
    name, tone = _STATUSES[AttachmentStatus(attachment.status)]
    return str(name), tone


class StatusFilter(ChoiceFilter):
    """What became of it."""

    title = _("status")
    parameter = "status__exact"
    offered = tuple((str(status.value), name) for status, (name, _tone) in _STATUSES.items())

    def narrowed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(status=int(self.value))


class FileList(OfVisibleOwners, ExportedList, LongList):
    """What AttachmentAdmin's list is made of."""

    list_display = ("created", "name", "status_badge", "readable_size", "of", "reference")
    list_display_links = ("name",)
    list_filter = (StatusFilter, ResourceFilter, OwnerFilter, CreatedFilter)
    search_help_text = _("An attachment’s id, or the sender’s whole reference.")
    empty_text = _("There are no attachments yet. They appear here as soon as a sender has uploaded one.")

    export_columns = (
        Column(_("id"), lambda attachment: attachment.pk),
        Column(_("created"), lambda attachment: attachment.created_at),
        Column(_("file name"), lambda attachment: attachment.file_name),
        Column(_("status"), lambda attachment: _status(attachment)[0]),
        Column(_("status since"), lambda attachment: attachment.status_changed_at),
        Column(_("what happened"), lambda attachment: attachment.status_text),
        Column(_("size in bytes"), lambda attachment: attachment.size),
        Column(_("resource"), lambda attachment: attachment.resource_id),
        Column(_("service owner"), lambda attachment: attachment.owner.name),
        Column(_("organisation number"), lambda attachment: attachment.owner.organization_number),
        Column(_("sender's reference"), lambda attachment: attachment.senders_reference),
    )

    def for_list(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """With what the columns show."""
        return rows.select_related("owner")

    def found_by(self, rows: Any, term: str) -> QuerySet[Any]:
        """By the id, however it is written, or by the sender's whole reference."""
        found = uuids.typed(term)
        by: QuerySet[Any] = rows.filter(pk=found) if found else rows.with_reference(term)
        return by

    @admin.display(description=_("created"))
    def created(self, attachment: Attachment) -> str:
        return date_format(localtime(attachment.created_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=_("file name"))
    def name(self, attachment: Attachment) -> str:
        return mask_person_numbers(attachment.file_name)

    @admin.display(description=_("status"))
    def status_badge(self, attachment: Attachment) -> str:
        name, tone = _status(attachment)
        return format_html('<span class="bo-badge bo-{}">{}</span>', tone, name)

    @admin.display(description=_("size"))
    def readable_size(self, attachment: Attachment) -> str:
        return filesizeformat(attachment.size) if attachment.size is not None else "–"

    @admin.display(description=_("resource and owner"))
    def of(self, attachment: Attachment) -> str:
        return resource_and_owner(attachment)

    @admin.display(description=_("sender's reference"))
    def reference(self, attachment: Attachment) -> str:
        return mask_person_numbers(attachment.senders_reference)
