"""Attachments in the back-office: to look at; to download only with a permission, and never unseen."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from attachments.actions import download_by_staff
from attachments.file_answers import file_answer
from attachments.file_list import FileList
from attachments.file_types import BYTES, disposition_of
from attachments.models import Attachment, AttachmentStatusEvent, CleaningDay
from attachments.policies import explanation
from attachments.statuses import AttachmentStatus
from config.kernel import clock
from config.kernel.back_office import ReadOnlyAdmin, ReadOnlyInline, acting_party, masked
from config.kernel.errors import DomainError
from config.kernel.masking import mask_person_numbers
from config.kernel.transfers import TooManyTransfers
from config.kernel.wsgi import connection_of


class AttachmentHistoryInline(ReadOnlyInline):
    """An attachment's history."""

    model = AttachmentStatusEvent
    fields = readonly_fields = ("at", "status", masked("text"), acting_party)  # type: ignore[assignment]
    ordering = ("pk",)


@admin.register(Attachment)
class AttachmentAdmin(FileList):
    """Files that senders uploaded."""

    inlines: ClassVar[Any] = (AttachmentHistoryInline,)
    fields = readonly_fields = (  # type: ignore[assignment]
        "id",
        masked("file_name"),
        masked("display_name"),
        "status",
        masked("status_text"),
        "why",
        "readable_size",
        "checksum",
        "resource",
        "owner",
        "created_at",
        masked("created_by"),
        masked("senders_reference"),
        "is_encrypted",
        "expiration_in_days",
        "traceparent",
        "download",
    )

    @admin.display(description="what it waits for")
    def why(self, attachment: Attachment) -> str:
        return mask_person_numbers(explanation(attachment))

    @admin.display(description="download")
    def download(self, attachment: Attachment) -> str:
        if attachment.status != AttachmentStatus.PUBLISHED:
            return "There is nothing to download."
        address = reverse("admin:attachments_attachment_download", args=[attachment.pk])
        return format_html('<a href="{}">Download; this is noted under your name</a>', address)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.has_download_permission(request):
            return self.fields
        return tuple(name for name in self.fields or () if name != "download")

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


@admin.register(CleaningDay)
class CleaningDayAdmin(ReadOnlyAdmin):
    """What the cleaning did, by day."""

    list_display = ("day", "dead_uploads", "expired", "files_removed", "orphans_removed")
    fields = readonly_fields = list_display
