"""The list of mailings: its columns, its filters, how one searches in it, and the file that it is exported to."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from config.kernel.back_office_csv import Column
from config.kernel.back_office_filters import CreatedFilter
from config.kernel.back_office_list import LongList
from config.kernel.masking import mask_person_numbers
from correspondence.admin.searches import mailings_found
from correspondence.models import Mailing
from registry.back_office import OfVisibleOwners
from registry.exports import ExportedList
from registry.list_filters import OwnerFilter, ResourceFilter, resource_and_owner


class MailingList(OfVisibleOwners, ExportedList, LongList):
    """What MailingAdmin's list is made of."""

    list_display = ("created", "subject", "recipient_count", "publish_at", "of", "reference")
    list_display_links = ("subject",)
    list_filter = (ResourceFilter, OwnerFilter, CreatedFilter)
    search_help_text = _("A sender’s whole reference, a recipient’s number, or the id of a mailing or a letter.")
    empty_text = _("There are no mailings yet. They appear here as soon as a sender has sent one.")

    export_columns = (
        Column(_("id"), lambda mailing: mailing.pk),
        Column(_("created"), lambda mailing: mailing.created_at),
        Column(_("publish at"), lambda mailing: mailing.due_at),
        Column(_("recipients"), lambda mailing: mailing.recipient_count),
        Column(_("title"), lambda mailing: mailing.title),
        Column(_("resource"), lambda mailing: mailing.resource_id),
        Column(_("service owner"), lambda mailing: mailing.owner.name),
        Column(_("organisation number"), lambda mailing: mailing.owner.organization_number),
        Column(_("sender's reference"), lambda mailing: mailing.senders_reference),
        Column(_("due date"), lambda mailing: mailing.due_date_time),
    )

    def for_list(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """With what the columns show, and without what the sender wrote, which may be long."""
        heavy = ("summary", "body", "property_list", "reply_options", "notification", "external_references")
        return rows.select_related("owner").defer(*heavy)

    def found_by(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        return mailings_found(rows, term)

    @admin.display(description=_("created"))
    def created(self, mailing: Mailing) -> str:
        return date_format(localtime(mailing.created_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=_("title"))
    def subject(self, mailing: Mailing) -> str:
        return mask_person_numbers(mailing.title) or str(_("(no title any more)"))

    @admin.display(description=_("publish at"))
    def publish_at(self, mailing: Mailing) -> str:
        return date_format(localtime(mailing.due_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=_("resource and owner"))
    def of(self, mailing: Mailing) -> str:
        return resource_and_owner(mailing)

    @admin.display(description=_("sender's reference"))
    def reference(self, mailing: Mailing) -> str:
        return mask_person_numbers(mailing.senders_reference)
