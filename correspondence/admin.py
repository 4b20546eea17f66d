"""Mailings and correspondences in the back-office: to look at, never to edit by hand."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.timezone import localtime

from attachments.admin import AttachmentAdmin
from config.kernel import clock, uuids
from config.kernel.back_office import OfferedLookups, ReadOnlyAdmin, ReadOnlyInline, acting_party, masked, page_link
from config.kernel.masking import mask_person_numbers
from correspondence import actions, overview
from correspondence.models import Correspondence, Mailing, MailingAttachment, Pause, StatusEvent
from correspondence.policies.queue import explanation, told
from recipients.identifiers import NotARecipient, party_urn


class HistoryInline(ReadOnlyInline):
    """A correspondence's history."""

    model = StatusEvent
    fields = readonly_fields = ("at", "status", masked("text"), acting_party)  # type: ignore[assignment]
    ordering = ("at", "pk")


class AttachmentsInline(ReadOnlyInline):
    """The files of a mailing, in the sender's order."""

    model = MailingAttachment
    fields = readonly_fields = ("position", "file", "status", "size", "expiration_time")
    ordering = ("position",)
    verbose_name_plural = "attachments"

    def get_queryset(self, request: HttpRequest) -> QuerySet[MailingAttachment]:
        return super().get_queryset(request).select_related("attachment")

    @admin.display(description="attachment")
    def file(self, link: MailingAttachment) -> str:
        return page_link(link.attachment, mask_person_numbers(link.attachment.file_name))

    @admin.display(description="status")
    def status(self, link: MailingAttachment) -> str:
        return mask_person_numbers(link.attachment.status_text)

    @admin.display(description="size")
    def size(self, link: MailingAttachment) -> str:
        return filesizeformat(link.attachment.size or 0)


class UsedByInline(ReadOnlyInline):
    """The mailings that carry an attachment, on its page; the newest hundred."""

    model = MailingAttachment
    fields = readonly_fields = ("mailing_link", "created_at", "recipients", "expiration_time")
    verbose_name_plural = "mailings that carry it (the newest hundred)"
    most_rows = 100

    def get_queryset(self, request: HttpRequest) -> QuerySet[MailingAttachment]:
        return super().get_queryset(request).select_related("mailing").order_by("-mailing")

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


@admin.register(Mailing)
class MailingAdmin(ReadOnlyAdmin):
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


@admin.register(Correspondence)
class CorrespondenceAdmin(ReadOnlyAdmin):
    """Each recipient's letter, and where it stands in the queue."""

    list_display = ("id", "status", "queue_state", "short_recipient", "title", "resource", "due_at")
    list_filter = ("status", "queue_state", "resource", ("due_at", admin.DateFieldListFilter))
    search_fields = ("id",)
    search_help_text = (
        "An id of a letter or a mailing, the whole sender's reference, or a recipient's whole number or identifier."
    )
    inlines = (HistoryInline,)
    actions = ("retry_set_aside",)
    fields = readonly_fields = (  # type: ignore[assignment]
        "id",
        "why",
        "masked_recipient",
        "status",
        "queue_state",
        "due_at",
        "next_try_at",
        "attempts",
        masked("last_error"),
        "mailing",
        "title",
        "resource",
        "created_at",
        "senders_reference",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correspondence]:
        return super().get_queryset(request).select_related("mailing", "resource")

    @admin.display(description="why it is where it is")
    def why(self, correspondence: Correspondence) -> str:
        return mask_person_numbers(explanation(correspondence, clock.now()))

    @admin.display(description="recipient")
    def masked_recipient(self, correspondence: Correspondence) -> str:
        return mask_person_numbers(correspondence.recipient)

    @admin.display(description="recipient")
    def short_recipient(self, correspondence: Correspondence) -> str:
        """`person:***********`, `organization:314762290`: what tells recipients apart in a narrow column."""
        kind, _, name = correspondence.recipient.removeprefix("urn:altinn:").rpartition(":")
        return mask_person_numbers(f"{kind.removesuffix(':identifier-no')}: {name}")

    @admin.display(description="title")
    def title(self, correspondence: Correspondence) -> str:
        return mask_person_numbers(correspondence.mailing.title)

    @admin.display(description="created", ordering="id")
    def created_at(self, correspondence: Correspondence) -> str:
        return date_format(localtime(correspondence.mailing.created_at), "DATETIME_FORMAT")

    @admin.display(description="sender's reference")
    def senders_reference(self, correspondence: Correspondence) -> str:
        return mask_person_numbers(correspondence.mailing.senders_reference)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Correspondence], search_term: str
    ) -> tuple[QuerySet[Correspondence], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if found := uuids.parse_any(term):
            return queryset.filter(pk=found) | queryset.filter(mailing=found), False
        received = self._received(queryset, term)
        return received if received is not None else self._referred_to(queryset, term), False

    def _received(self, queryset: QuerySet[Correspondence], term: str) -> QuerySet[Correspondence] | None:
        """None where the term is no recipient's; a reference may look like one."""
        try:
            found = queryset.filter(recipient=party_urn(term))
        except NotARecipient:
            return None
        return found if found.exists() else None

    def _referred_to(self, queryset: QuerySet[Correspondence], term: str) -> QuerySet[Correspondence]:
        return queryset.filter(mailing__in=Mailing.objects.with_reference(term).values("pk"))

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Who may retry: those who may change correspondences, though no form lets anybody edit them."""
        return bool(request.user.has_perm("correspondence.change_correspondence"))

    @admin.action(description="Retry those that were set aside", permissions=["retry"])
    def retry_set_aside(self, request: HttpRequest, queryset: QuerySet[Correspondence]) -> None:
        moved = actions.retry_set_aside(ids=list(queryset.values_list("pk", flat=True)), now=clock.now())
        messages.success(request, f"{moved} of {len(queryset)} were set aside, and are ready again.")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.queue_view)
        return [path("queue/", view, name="correspondence_queue"), *super().get_urls()]

    def queue_view(self, request: HttpRequest) -> HttpResponse:
        """The queue in figures."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        figures = overview.queue_figures(clock.now())
        pauses = [mask_person_numbers(told(row)) for row in Pause.objects.in_force()]
        context = {**self.admin_site.each_context(request), "title": "Queue", "figures": figures, "pauses": pauses}
        return TemplateResponse(request, "admin/correspondence/queue.html", context)


class PauseForm(forms.ModelForm):
    """What is to be paused, and why."""

    def _get_validation_exclusions(self) -> set[str]:
        # Django asks no constraint that names a column without a field here; these say whether it is in force.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        return excluded - {"resumed_at", "resumed_by"}


@admin.register(Pause)
class PauseAdmin(OfferedLookups):
    """Publishing that was paused: to add one is to pause, and nothing is edited or removed."""

    list_display = ("what", "in_force", masked("reason"), "paused_at", masked("paused_by"), "resumed_at",
                    masked("resumed_by"))  # fmt: skip
    list_filter = (("resumed_at", admin.EmptyFieldListFilter),)
    list_select_related = ("owner",)
    form = PauseForm
    autocomplete_fields = ("owner", "resource")
    actions = ("resume",)

    @admin.display(description="what is paused")
    def what(self, row: Pause) -> str:
        return row.of

    @admin.display(description="in force", boolean=True)
    def in_force(self, row: Pause) -> bool:
        return row.resumed_at is None

    def get_fields(self, request: HttpRequest, obj: Pause | None = None) -> Any:
        return self.list_display if obj else ("owner", "resource", "reason")

    def get_readonly_fields(self, request: HttpRequest, obj: Pause | None = None) -> Any:
        return self.list_display if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Pause | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Pause | None = None) -> bool:
        return False

    def has_resume_permission(self, request: HttpRequest) -> bool:
        """Who may resume: those who may change pauses, though no form lets anybody edit them."""
        return bool(request.user.has_perm("correspondence.change_pause"))

    def save_model(self, request: HttpRequest, obj: Pause, form: Any, change: bool) -> None:
        terms: dict[str, Any] = {"owner_id": obj.owner_id, "resource_id": obj.resource_id, "reason": obj.reason}
        obj.pk = actions.pause(**terms, by=request.user.get_username(), now=clock.now()).pk

    @admin.action(description="Resume publishing", permissions=["resume"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Pause]) -> None:
        who, now = request.user.get_username(), clock.now()
        done = sum(actions.resume(pause_id=row.pk, by=who, now=now) for row in queryset)
        messages.success(request, f"{done} of {len(queryset)} were in force, and are resumed.")


def _mailings_of(id: UUID) -> list[UUID]:
    """The id itself, and the mailing of the correspondence with this id."""
    return [id, *Correspondence.objects.filter(pk=id).values_list("mailing_id", flat=True)]
