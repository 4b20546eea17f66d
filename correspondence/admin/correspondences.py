"""Correspondences in the back-office."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime

from config.kernel import clock
from config.kernel.back_office import masked
from config.kernel.masking import mask_person_numbers
from correspondence import actions
from correspondence.admin.inlines import HistoryInline
from correspondence.admin.letter_list import LetterList
from correspondence.models import Correspondence
from correspondence.policies.queue import explanation


@admin.register(Correspondence)
class CorrespondenceAdmin(LetterList):
    """Each recipient's letter, and where it stands in the queue."""

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

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("mailing", "resource")

    @admin.display(description="why it is where it is")
    def why(self, correspondence: Correspondence) -> str:
        return mask_person_numbers(explanation(correspondence, clock.now()))

    @admin.display(description="recipient")
    def masked_recipient(self, correspondence: Correspondence) -> str:
        return mask_person_numbers(correspondence.recipient)

    @admin.display(description="title")
    def title(self, correspondence: Correspondence) -> str:
        return mask_person_numbers(correspondence.mailing.title)

    @admin.display(description="created", ordering="id")
    def created_at(self, correspondence: Correspondence) -> str:
        return date_format(localtime(correspondence.mailing.created_at), "DATETIME_FORMAT")

    @admin.display(description="sender's reference")
    def senders_reference(self, correspondence: Correspondence) -> str:
        return mask_person_numbers(correspondence.mailing.senders_reference)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Who may retry: those who may change correspondences, though no form lets anybody edit them."""
        return bool(request.user.has_perm("correspondence.change_correspondence"))

    @admin.action(description="Retry those that were set aside", permissions=["retry"])
    def retry_set_aside(self, request: HttpRequest, queryset: QuerySet[Correspondence]) -> None:
        moved = actions.retry_set_aside(ids=list(queryset.values_list("pk", flat=True)), now=clock.now())
        messages.success(request, f"{moved} of {len(queryset)} were set aside, and are ready again.")
