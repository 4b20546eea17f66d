"""Parties in the back-office, person numbers masked.

A party belongs to no service owner: what is known of it holds for everybody who writes to it. So whoever may change
parties changes any, and whoever may look sees any.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.audit.register import RegisterAdmin, badge
from config.imports.pages import ImportPages
from config.kernel import clock
from config.kernel.back_office import masked
from config.kernel.masking import mask_person_numbers
from recipients import actions
from recipients.identifiers import NotARecipient, party_urn, short_name
from recipients.imports import PartyImporter
from recipients.models import Party

_FACTS = ("name", "is_reserved", "has_confidential_role", "email", "mobile", "party_id")
# The same for who may only look.
_SHOWN = (masked("name"), "is_reserved", "has_confidential_role", masked("email"), "mobile", "party_id")


@admin.register(Party)
class PartyAdmin(ImportPages, RegisterAdmin):
    """What is known of recipients."""

    importer = PartyImporter()
    list_display = ("who", masked("name"), "reserved", "role", masked("email"), "mobile")
    list_filter = ("is_reserved", "has_confidential_role")
    search_fields = ("name",)
    search_help_text = gettext_lazy("A name, or the whole number or identifier.")

    @admin.display(description=gettext_lazy("identifier"))
    def identifier(self, party: Party) -> str:
        return mask_person_numbers(party.urn)

    @admin.display(description=gettext_lazy("identifier"), ordering="urn")
    def who(self, party: Party) -> str:
        return short_name(party.urn)

    @admin.display(description=gettext_lazy("digital post"))
    def reserved(self, party: Party) -> str:
        return badge(_("reserved"), "warn") if party.is_reserved else badge(_("receives"), "quiet")

    @admin.display(description=gettext_lazy("confidential post"))
    def role(self, party: Party) -> str:
        return badge(_("has the role"), "info") if party.has_confidential_role else ""

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
        by = request.user.get_username()
        obj.pk = actions.register_party(recipient=obj.urn, now=clock.now(), by=by, **facts).pk

    def delete_model(self, request: HttpRequest, obj: Party) -> None:
        actions.remove_party(party=obj, by=request.user.get_username(), now=clock.now())
