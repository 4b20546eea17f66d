"""Correspondences in the back-office."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime

from config.kernel import clock, uuids
from config.kernel.back_office import ReadOnlyAdmin, masked
from config.kernel.masking import mask_person_numbers
from correspondence import actions
from correspondence.admin.inlines import HistoryInline
from correspondence.admin.standing_filter import StandingFilter
from correspondence.models import Correspondence, Mailing
from correspondence.policies.queue import explanation
from recipients.identifiers import NotARecipient, party_urn
from registry.back_office import OfVisibleOwners, VisibleChoices


@admin.register(Correspondence)
class CorrespondenceAdmin(OfVisibleOwners, ReadOnlyAdmin):
    """Each recipient's letter, and where it stands in the queue."""

    list_display = ("id", "status", "queue_state", "short_recipient", "title", "resource", "due_at")
    list_filter = (
        StandingFilter,
        "status",
        "queue_state",
        ("resource", VisibleChoices),
        ("due_at", admin.DateFieldListFilter),
    )
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
        rows: QuerySet[Correspondence] = super().get_queryset(request)
        return rows.select_related("mailing", "resource")

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
