"""The registry in the back-office: to each user that of the service owners that he is a member of."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.audit.register import RegisterAdmin, badge
from config.imports.pages import ImportPages
from config.kernel import clock
from config.kernel.back_office import masked
from recipients.identifiers import NotARecipient, party_urn
from registry import actions, audit_admin, membership_admin, policies
from registry.back_office import OfVisibleOwners, VisibleOwners, VisibleResources
from registry.imports import ResourceImporter
from registry.models import Delegation, Resource, ServiceOwner
from registry.policies import visible_owners
from registry.statuses import ResourceType

__all__ = ["audit_admin", "membership_admin"]  # pages of their own


@admin.register(ServiceOwner)
class ServiceOwnerAdmin(OfVisibleOwners, RegisterAdmin):
    """Organisations that send.

    Members of an owner change its name. Who it is, by number and by the code in platform tokens, is for those who see
    every owner; and so is whether it is there at all.
    """

    owner_path = "pk"
    change_list_template = "imports/change_list.html"
    list_display = ("organization_number", "name", "code")
    search_fields = ("organization_number", "name", "code")
    search_help_text = gettext_lazy("An organisation number, a name or a code, or part of one.")
    kept_because = gettext_lazy(
        "A service owner that has resources, letters or files stays, so that it can be told who sent them. "
        "Its resources can be given to another owner."
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and visible_owners(request.user) is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and visible_owners(request.user) is None

    def get_readonly_fields(self, request: HttpRequest, obj: ServiceOwner | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        # Rights and letters name it by its number: with another one it would be another owner.
        return ("organization_number",) if visible_owners(request.user) is None else ("organization_number", "code")

    def save_model(self, request: HttpRequest, obj: ServiceOwner, form: ModelForm, change: bool) -> None:
        actions.save_owner(owner=obj, by=request.user.get_username(), now=clock.now())

    def delete_model(self, request: HttpRequest, obj: ServiceOwner) -> None:
        actions.remove_owner(owner=obj, by=request.user.get_username(), now=clock.now())


@admin.register(Resource)
class ResourceAdmin(OfVisibleOwners, ImportPages, RegisterAdmin):
    """Message services."""

    importer = ResourceImporter()
    list_display = ("id", "title", "kind", "belongs_to", "confidential", "level")
    list_filter = (("owner", VisibleOwners), "type", "is_confidential")
    list_select_related = ("owner",)
    search_fields = ("id", "title", "owner__organization_number", "owner__name")
    search_help_text = gettext_lazy("An id, a title, or the number or name of an owner; or part of one.")
    autocomplete_fields = ("owner",)
    kept_because = gettext_lazy(
        "A resource stays that letters or files were sent from, or that rights were given to: its letters can still "
        "be read. Pause it to publish nothing more from it; withdraw the rights to take them away."
    )
    fieldsets = (
        (None, {"fields": ("id", "owner", "type", "title", "minimum_authentication_level")}),
        (gettext_lazy("Confidential post"), {"fields": ("is_confidential", "recipients_need_role")}),
        (
            gettext_lazy("Retention"),
            {"fields": ("purged_content_days", "expired_content_days", "published_content_days", "history_days")},
        ),
    )

    @admin.display(description=gettext_lazy("type"), ordering="type")
    def kind(self, resource: Resource) -> str:
        sends = resource.type == ResourceType.CORRESPONDENCE_SERVICE
        return badge(resource.get_type_display(), "good" if sends else "quiet")

    @admin.display(description=gettext_lazy("service owner"), ordering="owner__name")
    def belongs_to(self, resource: Resource) -> str:
        return resource.owner.name

    @admin.display(description=gettext_lazy("level"), ordering="minimum_authentication_level")
    def level(self, resource: Resource) -> int:
        return resource.minimum_authentication_level

    @admin.display(description=gettext_lazy("confidential"), ordering="is_confidential")
    def confidential(self, resource: Resource) -> str:
        return badge(_("confidential"), "warn") if resource.is_confidential else ""

    def get_readonly_fields(self, request: HttpRequest, obj: Resource | None = None) -> tuple[str, ...]:
        # Mailings refer to it: another id would be another resource.
        return ("id",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Resource, form: ModelForm, change: bool) -> None:
        actions.save_resource(resource=obj, by=request.user.get_username(), now=clock.now())

    def delete_model(self, request: HttpRequest, obj: Resource) -> None:
        actions.remove_resource(resource=obj, by=request.user.get_username(), now=clock.now())


class DelegationForm(ModelForm):
    """Who gives which right to whom; `by` is the user who says so."""

    by: Any

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # not in the stubs; the parties are URNs from here on
        if not self.errors and not policies.can_decide_on(self.by, self.instance):
            said = _("You decide for your own service owners only: choose one of their resources.")
            self.add_error(None, ValidationError(said))


@admin.register(Delegation)
class DelegationAdmin(OfVisibleOwners, RegisterAdmin):
    """Rights that were given away: given and withdrawn, never edited.

    They concern the owner of their resource, and the owner that gave them; others' are given and seen by who sees every
    owner.
    """

    form = DelegationForm
    change_list_template = "imports/change_list.html"
    list_display = (masked("from_party"), masked("to_party"), "what_right", "what", "created_at", masked("created_by"))
    list_filter = ("right", ("resource", VisibleResources))
    list_select_related = ("resource",)
    search_fields = ("from_party",)
    search_help_text = gettext_lazy(
        "A party that gave or was given a right, in any form that a recipient may be written in."
    )
    autocomplete_fields = ("resource",)

    def of_owners(self, owners: frozenset[int]) -> Q:
        return policies.of_owners(owners)

    @admin.display(description=gettext_lazy("right"), ordering="right")
    def what_right(self, delegation: Delegation) -> str:
        return badge(delegation.get_right_display(), "info")

    @admin.display(description=gettext_lazy("resource"), ordering="resource")
    def what(self, delegation: Delegation) -> str:
        return delegation.resource_id or _("every resource")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("FormOfSomebody", (form,), {"by": request.user})

    def get_fields(self, request: HttpRequest, obj: Delegation | None = None) -> Any:
        if obj is None:
            return ("from_party", "to_party", "right", "resource")
        return self.list_display

    def get_readonly_fields(self, request: HttpRequest, obj: Delegation | None = None) -> Any:
        return self.list_display if obj else ()

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
        row, _is_new = actions.delegate(**obj.terms, by=request.user.get_username(), now=clock.now())
        obj.pk = row.pk

    def delete_model(self, request: HttpRequest, obj: Delegation) -> None:
        actions.withdraw(**obj.terms, by=request.user.get_username(), now=clock.now())
