"""Correspondences in the back-office."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.timezone import localtime

from config.kernel import clock, uuids
from config.kernel.back_office import ReadOnlyAdmin, masked
from config.kernel.masking import mask_person_numbers
from correspondence import overview
from correspondence.admin.acting import ActsOnLetters
from correspondence.admin.inlines import HistoryInline
from correspondence.models import Correspondence, Mailing, Pause
from correspondence.policies.queue import explanation, told
from recipients.identifiers import NotARecipient, party_urn


@admin.register(Correspondence)
class CorrespondenceAdmin(ActsOnLetters, ReadOnlyAdmin):
    """Each recipient's letter, and where it stands in the queue."""

    list_display = ("id", "status", "queue_state", "short_recipient", "title", "resource", "due_at")
    list_filter = ("status", "queue_state", "resource", ("due_at", admin.DateFieldListFilter))
    search_fields = ("id",)
    search_help_text = (
        "An id of a letter or a mailing, the whole sender's reference, or a recipient's whole number or identifier."
    )
    inlines = (HistoryInline,)
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
