"""The list of letters: its columns, its filters, how one searches in it, and the file that it is exported to."""

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from config.kernel import clock, uuids
from config.kernel.back_office_csv import Column
from config.kernel.back_office_filters import ChoiceFilter, CreatedFilter, IdFilter, PeriodFilter
from config.kernel.back_office_list import LongList
from config.kernel.back_office_pages import Bounds
from config.kernel.masking import mask_person_numbers
from correspondence.admin.badges import (
    STATE_CHOICES,
    STATUS_CHOICES,
    state_badge,
    state_name,
    status_badge,
    status_name,
)
from correspondence.admin.searches import letters_found
from correspondence.admin.standing_filter import StandingFilter
from correspondence.models import Correspondence
from correspondence.querysets import has_seen
from correspondence.statuses import Status
from recipients.back_office import in_words
from registry.back_office import OfVisibleOwners
from registry.exports import ExportedList
from registry.list_filters import OwnerFilter, ResourceFilter, resource_and_owner

_HOUR = timedelta(hours=1)


class StatusFilter(ChoiceFilter):
    """What it is now."""

    title = _("status")
    parameter, offered = "status__exact", STATUS_CHOICES

    def narrowed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        status = Status(int(self.value))
        # What it is, it has been: for rare statuses there is an index of that.
        return rows.filter(has_seen(status), status=status)


class QueueStateFilter(ChoiceFilter):
    """Where it stands in the queue."""

    title = _("queue")
    parameter, offered = "queue_state__exact", STATE_CHOICES

    def narrowed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(queue_state=self.value)


class MailingFilter(IdFilter):
    """The letters of one mailing."""

    title = _("mailing")
    parameter, column = "mailing__exact", "mailing"


class WaitingFilter(ChoiceFilter):
    """How long it should have been out."""

    title = _("waiting longer than")
    parameter = "waiting"
    offered = [("10m", _("10 minutes")), ("1h", _("an hour")), ("1d", _("a day"))]
    _LEAST: ClassVar = {"10m": timedelta(minutes=10), "1h": _HOUR, "1d": timedelta(days=1)}

    def narrowed(self, rows: Any) -> QuerySet[Any]:
        found: QuerySet[Any] = rows.waiting_for(self._LEAST[self.value], clock.now())
        return found


class PublishFilter(PeriodFilter):
    """For when it is, or was, to be published."""

    title = _("publish at")
    name = "publish"

    def read(self) -> None:
        super().read()
        if not self.fault and self.end:
            # Nothing is published before it was sent. Its id may be younger than the request: a form brings files.
            slack = timedelta(seconds=settings.UPLOAD_MOST_SECONDS) + _HOUR
            self.bounds = Bounds(end=uuids.first_at(self.end + slack))

    def narrowed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        named = {"due_at__gte": self.start, "due_at__lt": self.end}
        return rows.filter(**{lookup: moment for lookup, moment in named.items() if moment is not None})


def short_recipient_of(letter: Correspondence) -> str:
    """`person:***********`, `organization:314762290`: what tells recipients apart in a narrow column."""
    kind, _colon, name = letter.recipient.removeprefix("urn:altinn:").rpartition(":")
    return mask_person_numbers(f"{kind.removesuffix(':identifier-no')}: {name}")


class LetterList(OfVisibleOwners, ExportedList, LongList):
    """What CorrespondenceAdmin's list is made of."""

    list_display = ("created", "subject", "addressee", "status_badges", "publish_at", "of", "reference")
    list_display_links = ("subject",)
    list_filter = (StandingFilter, StatusFilter, QueueStateFilter, WaitingFilter, ResourceFilter, OwnerFilter,
                   CreatedFilter, PublishFilter, MailingFilter)  # fmt: skip
    search_help_text = _("A recipient’s number, a sender’s whole reference, or the id of a letter or a mailing.")
    empty_text = _("There are no letters yet. They appear here as soon as a sender has sent one.")

    export_columns = (
        Column(_("id"), lambda letter: letter.pk),
        Column(_("mailing"), lambda letter: letter.mailing_id),
        Column(_("created"), lambda letter: letter.mailing.created_at),
        Column(_("publish at"), lambda letter: letter.due_at),
        Column(_("status"), status_name),
        Column(_("queue"), state_name),
        Column(_("recipient"), short_recipient_of),
        Column(_("title"), lambda letter: letter.mailing.title),
        Column(_("resource"), lambda letter: letter.resource_id),
        Column(_("service owner"), lambda letter: letter.owner.name),
        Column(_("organisation number"), lambda letter: letter.owner.organization_number),
        Column(_("sender's reference"), lambda letter: letter.mailing.senders_reference),
        Column(_("attempts"), lambda letter: letter.attempts),
        Column(_("last error"), lambda letter: letter.last_error),
    )

    def for_list(self, rows: Any) -> QuerySet[Any]:
        """With what the columns show, and without what the sender wrote, which may be long."""
        heavy = ("summary", "body", "property_list", "reply_options", "notification", "external_references")
        named: QuerySet[Any] = rows.select_related("mailing", "owner")
        return named.defer(*(f"mailing__{name}" for name in heavy))

    def found_by(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        return letters_found(rows, term)

    @admin.display(description=_("created"))
    def created(self, letter: Correspondence) -> str:
        return date_format(localtime(letter.mailing.created_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=_("title"))
    def subject(self, letter: Correspondence) -> str:
        return mask_person_numbers(letter.mailing.title) or str(_("(no title any more)"))

    @admin.display(description=_("recipient"))
    def addressee(self, letter: Correspondence) -> str:
        return in_words(letter.recipient, {})

    @admin.display(description=_("status"))
    def status_badges(self, letter: Correspondence) -> str:
        return format_html('<span class="list-cell">{} {}</span>', status_badge(letter), state_badge(letter))

    @admin.display(description=_("publish at"))
    def publish_at(self, letter: Correspondence) -> str:
        return date_format(localtime(letter.due_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=_("resource and owner"))
    def of(self, letter: Correspondence) -> str:
        return resource_and_owner(letter)

    @admin.display(description=_("sender's reference"))
    def reference(self, letter: Correspondence) -> str:
        return mask_person_numbers(letter.mailing.senders_reference)
