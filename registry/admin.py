"""The registry in the back-office."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.kernel import clock
from config.kernel.back_office import OfferedLookups, masked
from recipients.identifiers import NotARecipient, party_urn
from registry import actions, audit_admin, membership_admin, policies
from registry.back_office import OfVisibleOwners, VisibleChoices
from registry.models import Delegation, Resource, ServiceOwner

__all__ = ["audit_admin", "membership_admin"]  # pages of their own


@admin.register(ServiceOwner)
class ServiceOwnerAdmin(OfVisibleOwners, admin.ModelAdmin):
    """Organisations that send."""

    owner_path = "pk"
    list_display = ("organization_number", "name", "code")
    search_fields = ("organization_number", "name", "code")


@admin.register(Resource)
class ResourceAdmin(OfVisibleOwners, admin.ModelAdmin):
    """Message services."""

    list_display = ("id", "title", "type", "owner", "is_confidential", "minimum_authentication_level")
    list_filter = ("type", "is_confidential")
    list_select_related = ("owner",)
    search_fields = ("id", "title", "owner__organization_number", "owner__name")
    autocomplete_fields = ("owner",)
    fieldsets = (
        (None, {"fields": ("id", "owner", "type", "title", "minimum_authentication_level")}),
        ("Confidential post", {"fields": ("is_confidential", "recipients_need_role")}),
        (
            "Retention",
            {"fields": ("purged_content_days", "expired_content_days", "published_content_days", "history_days")},
        ),
    )

    def get_readonly_fields(self, request: object, obj: Resource | None = None) -> tuple[str, ...]:
        # Mailings refer to it: another id would be another resource.
        return ("id",) if obj else ()


class DelegationForm(forms.ModelForm):
    """Who gives which right to whom; `by` is the user who says so."""

    by: Any

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # not in the stubs; the parties are URNs from here on
        if not self.errors and not policies.can_decide_on(self.by, self.instance):
            said = _("You decide for your own service owners only: choose one of their resources.")
            self.add_error(None, ValidationError(said))


@admin.register(Delegation)
class DelegationAdmin(OfVisibleOwners, OfferedLookups):
    """Rights that were given away: given and withdrawn, never edited."""

    form = DelegationForm

    list_display = (masked("from_party"), masked("to_party"), "right", "what", "created_at", masked("created_by"))
    list_filter = ("right", ("resource", VisibleChoices))
    list_select_related = ("resource",)
    search_fields = ("from_party",)
    search_help_text = "A party that gave or was given a right, in any form that a recipient may be written in."
    autocomplete_fields = ("resource",)

    @admin.display(description="resource", ordering="resource")
    def what(self, delegation: Delegation) -> str:
        return delegation.resource_id or "every resource"

    def get_fields(self, request: HttpRequest, obj: Delegation | None = None) -> Any:
        if obj is None:
            return ("from_party", "to_party", "right", "resource")
        return self.list_display

    def get_readonly_fields(self, request: HttpRequest, obj: Delegation | None = None) -> Any:
        return self.list_display if obj else ()

    def of_owners(self, owners: frozenset[int]) -> Q:
        return policies.of_owners(owners)

    def get_form(self, request: HttpRequest, obj: Delegation | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = type("FormOfSomebody", (self.form,), {"by": request.user})
        return super().get_form(request, obj, change, form=form, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Delegation | None = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Delegation], search_term: str
    ) -> tuple[QuerySet[Delegation], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset & Delegation.objects.concerning(party_urn(term)), False
        except NotARecipient:
            return queryset.none(), False

    def save_model(self, request: HttpRequest, obj: Delegation, form: Any, change: bool) -> None:
        row, _ = actions.delegate(**obj.terms, by=request.user.get_username(), now=clock.now())
        obj.pk = row.pk

    def delete_model(self, request: HttpRequest, obj: Delegation) -> None:
        actions.withdraw(**obj.terms, by=request.user.get_username())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Delegation]) -> None:
        for delegation in queryset:
            self.delete_model(request, delegation)
