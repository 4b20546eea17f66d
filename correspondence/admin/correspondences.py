"""Correspondences in the back-office."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from config.kernel import clock, uuids
from config.kernel.back_office import PageAdmin
from config.kernel.masking import mask_person_numbers
from correspondence import actions, overview
from correspondence.admin import letter_page, reveal
from correspondence.models import Correspondence, Mailing, Pause
from correspondence.policies.queue import told
from recipients.identifiers import NotARecipient, party_urn
from registry.back_office import OfVisibleOwners


@admin.register(Correspondence)
class CorrespondenceAdmin(OfVisibleOwners, PageAdmin):
    """Each recipient's letter, and where it stands in the queue."""

    list_display = ("id", "status", "queue_state", "short_recipient", "title", "resource", "due_at")
    list_filter = ("status", "queue_state", "resource", ("due_at", admin.DateFieldListFilter))
    search_fields = ("id",)
    search_help_text = (
        "An id of a letter or a mailing, the whole sender's reference, or a recipient's whole number or identifier."
    )
    actions = ("retry_set_aside",)
    change_form_template = "admin/correspondence/correspondence/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correspondence]:
        rows: QuerySet[Correspondence] = super().get_queryset(request)
        return rows.select_related("mailing", "resource")

    @admin.display(description="recipient")
    def short_recipient(self, correspondence: Correspondence) -> str:
        """`person:***********`, `organization:314762290`: what tells recipients apart in a narrow column."""
        kind, _, name = correspondence.recipient.removeprefix("urn:altinn:").rpartition(":")
        return mask_person_numbers(f"{kind.removesuffix(':identifier-no')}: {name}")

    @admin.display(description="title")
    def title(self, correspondence: Correspondence) -> str:
        return mask_person_numbers(correspondence.mailing.title)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Also the letters of one mailing, to which its page leads."""
        return lookup == "mailing__exact" or super().lookup_allowed(lookup, value, request)

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return letter_page.context(request, row)

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
        wrapped = self.admin_site.admin_view
        return [
            path("queue/", wrapped(self.queue_view), name="correspondence_queue"),
            path("<uuid:pk>/reveal/", wrapped(self.reveal_view), name="correspondence_correspondence_reveal"),
            *super().get_urls(),
        ]

    def reveal_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The recipient's number, once: to the page's script, or as a page of its own."""
        if not (self.has_view_permission(request) and letter_page.may_reveal(request)):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        letter = self.get_queryset(request).select_related("owner").filter(pk=pk).first()
        if letter is None:
            raise Http404
        revealed = actions.reveal_recipient(letter=letter, by=request.user.get_username(), now=clock.now())
        return reveal.answer(request, letter, revealed, self.admin_site.each_context(request))

    def queue_view(self, request: HttpRequest) -> HttpResponse:
        """The queue in figures."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        figures = overview.queue_figures(clock.now())
        pauses = [mask_person_numbers(told(row)) for row in Pause.objects.in_force()]
        context = {**self.admin_site.each_context(request), "title": "Queue", "figures": figures, "pauses": pauses}
        return TemplateResponse(request, "admin/correspondence/queue.html", context)
