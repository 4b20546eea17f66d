"""Attachments in the back-office: to look at; to download only with a permission, and never unseen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from attachments.actions import download_by_staff
from attachments.back_office import EVENTS, file_badge, file_badge_of
from attachments.file_answers import file_answer
from attachments.file_list import FileList
from attachments.file_types import BYTES, disposition_of
from attachments.models import Attachment, AttachmentStatusEvent, CleaningDay
from attachments.policies import explanation
from attachments.statuses import AttachmentStatus
from config.kernel import clock
from config.kernel.back_office import Happening, PageAdmin, ReadOnlyAdmin
from config.kernel.errors import DomainError
from config.kernel.masking import mask_person_numbers
from config.kernel.transfers import TooManyTransfers
from config.kernel.wsgi import connection_of
from recipients.back_office import Names, in_words, names_of
from recipients.identifiers import organization_urn

MOST_EVENTS = 100


@dataclass(frozen=True, slots=True)
class Carrier:
    """Something that the attachment was sent with."""

    address: str  # of its page
    name: str
    sent_at: datetime
    letters: int
    expires_at: datetime | None


@admin.register(Attachment)
class AttachmentAdmin(FileList, PageAdmin):
    """Files that senders uploaded."""

    change_form_template = "admin/attachments/attachment/change_form.html"
    # Each answers the newest of what carries an attachment, as far as this user sees it. Those who know are added here.
    carriers: ClassVar[list[Callable[[HttpRequest, Attachment], Sequence[Carrier]]]] = []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attachment]:
        rows: QuerySet[Attachment] = super().get_queryset(request)
        return rows.select_related("resource", "owner")

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        events = list(row.events.order_by("-pk")[:MOST_EVENTS])[::-1]
        owner = {organization_urn(row.owner.organization_number): row.owner.name}
        names = {**owner, **names_of({row.created_by, *(event.party for event in events)})}
        can_be_downloaded = row.status == AttachmentStatus.PUBLISHED and self.has_download_permission(request)
        return {
            "title": mask_person_numbers(row.file_name),
            "subtitle": "",
            "file": row,
            "display_name": mask_person_numbers(row.display_name or ""),
            "badge": file_badge(row),
            "why": mask_person_numbers(explanation(row)),
            "senders_reference": mask_person_numbers(row.senders_reference),
            "sent_by": in_words(row.created_by, names),
            "wire_status": AttachmentStatus(row.status).label,
            "happenings": [_happening(event, names) for event in events],
            "carriers": [carrier for find in self.carriers for carrier in find(request, row)],
            "download": reverse("admin:attachments_attachment_download", args=[row.pk]) if can_be_downloaded else "",
        }

    def has_download_permission(self, request: HttpRequest) -> bool:
        """Who may look into files: a permission of its own, beside that to see that there are any."""
        return bool(request.user.has_perm("attachments.download_attachment")) and self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.download_view)
        return [path("<uuid:pk>/download/", view, name="attachments_attachment_download"), *super().get_urls()]

    def download_view(self, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """The bytes, as a file to save; who fetched them is noted first."""
        if not self.has_download_permission(request):
            raise PermissionDenied
        if request.method != "GET":  # whatever else is asked, no bytes go out, and nothing is noted
            return HttpResponseNotAllowed(["GET"])
        attachment = self.get_queryset(request).filter(pk=pk).first()
        if attachment is None:
            raise Http404
        try:
            opened = download_by_staff(
                attachment=attachment, user=request.user, connection=connection_of(request), now=clock.now()
            )
        except DomainError as error:
            return HttpResponse(error.detail, status=error.status, content_type="text/plain; charset=utf-8")
        except TooManyTransfers as error:
            return HttpResponse(str(error), status=error.status_code, content_type="text/plain; charset=utf-8")
        name = disposition_of(attachment.file_name, to_save=True)
        return file_answer(attachment, None, opened, {"Content-Type": BYTES, "Content-Disposition": name})


def _happening(event: AttachmentStatusEvent, names: Names) -> Happening:
    status = AttachmentStatus(event.status)
    return Happening(
        at=event.at,
        what=EVENTS[status],
        details="" if event.text == status.label else mask_person_numbers(event.text),
        wire=status.label,
        who=in_words(event.party, names) if event.party else _("the service"),
        tone=file_badge_of(status).tone,
    )


@admin.register(CleaningDay)
class CleaningDayAdmin(ReadOnlyAdmin):
    """What the cleaning did, by day."""

    list_display = ("day", "dead_uploads", "expired", "files_removed", "orphans_removed")
    fields = readonly_fields = list_display
