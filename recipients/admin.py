"""Parties in the back-office, person numbers masked."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from config.kernel.back_office import OfferedLookups
from config.kernel.masking import mask_person_numbers
from recipients.identifiers import NotARecipient, parse_recipient
from recipients.models import Party


@admin.register(Party)
class PartyAdmin(OfferedLookups):
    """What is known of recipients."""

    list_display = ("masked", "name", "is_reserved", "email", "mobile")
    list_filter = ("is_reserved",)
    search_fields = ("name",)
    search_help_text = "A name, or an identifier in any form that a recipient may be written in."

    @admin.display(description="identifier", ordering="urn")
    def masked(self, party: Party) -> str:
        return mask_person_numbers(party.urn)

    def get_fields(self, request: HttpRequest, obj: Party | None = None) -> tuple[str, ...]:
        return ("masked" if obj else "urn", "name", "is_reserved", "email", "mobile")

    def get_readonly_fields(self, request: HttpRequest, obj: Party | None = None) -> tuple[str, ...]:
        return ("masked",) if obj else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Party], search_term: str
    ) -> tuple[QuerySet[Party], bool]:
        try:
            return queryset.filter(urn=parse_recipient(search_term.strip())), False
        except NotARecipient:
            return super().get_search_results(request, queryset, search_term)
