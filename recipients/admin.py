"""Parties in the back-office, person numbers masked."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from config.kernel import clock
from config.kernel.back_office import OfferedLookups, masked
from config.kernel.masking import mask_person_numbers
from recipients import actions
from recipients.identifiers import NotARecipient, party_urn
from recipients.models import Party

_FACTS = ("name", "is_reserved", "has_confidential_role", "email", "mobile", "party_id")
# The same for who may only look.
_SHOWN = (masked("name"), "is_reserved", "has_confidential_role", masked("email"), "mobile", "party_id")


@admin.register(Party)
class PartyAdmin(OfferedLookups):
    """What is known of recipients."""

    list_display = ("identifier", masked("name"), "is_reserved", "has_confidential_role", masked("email"), "mobile")
    list_filter = ("is_reserved", "has_confidential_role")
    search_fields = ("name",)
    search_help_text = "A name, or the whole number or identifier."

    @admin.display(description="identifier", ordering="urn")
    def identifier(self, party: Party) -> str:
        return mask_person_numbers(party.urn)

    def get_fields(self, request: HttpRequest, obj: Party | None = None) -> tuple[Any, ...]:
        if obj is None:
            return ("urn", *_FACTS)
        return ("identifier", *(_FACTS if self.has_change_permission(request, obj) else _SHOWN), "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Party | None = None) -> tuple[str, ...]:
        return ("identifier", "updated_at") if obj else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Party], search_term: str
    ) -> tuple[QuerySet[Party], bool]:
        try:
            return queryset.filter(urn=party_urn(search_term.strip())), False
        except NotARecipient:
            return super().get_search_results(request, queryset, search_term)

    def save_model(self, request: HttpRequest, obj: Party, form: ModelForm, change: bool) -> None:
        facts: dict[str, Any] = {name: form.cleaned_data[name] for name in _FACTS}
        facts["party_id"] = facts["party_id"] or ""  # an emptied field takes it away, None would leave it
        obj.pk = actions.register_party(recipient=obj.urn, now=clock.now(), **facts).pk
