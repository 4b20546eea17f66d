"""Pauses in the back-office."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.kernel import clock
from config.kernel.back_office import OfferedLookups, masked
from correspondence import actions
from correspondence.models import Pause
from correspondence.policies.pauses import can_pause
from correspondence.querysets import concerning
from registry.back_office import OfVisibleOwners


class PauseForm(forms.ModelForm):
    """What is to be paused, and why; `by` is the user who says so."""

    by: Any

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not can_pause(self.by, cleaned.get("owner"), cleaned.get("resource")):
            raise ValidationError(_("You pause for your own service owners only: name one of them, or a resource."))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # Django asks no constraint that names a column without a field here; these say whether it is in force.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        return excluded - {"resumed_at", "resumed_by"}


@admin.register(Pause)
class PauseAdmin(OfVisibleOwners, OfferedLookups):
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

    def of_owners(self, owners: frozenset[int]) -> Q:
        return concerning(owners)

    def get_form(self, request: HttpRequest, obj: Pause | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = type("FormOfSomebody", (self.form,), {"by": request.user})
        return super().get_form(request, obj, change, form=form, **kwargs)

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
        who, now, rows = request.user.get_username(), clock.now(), list(queryset.select_related("owner", "resource"))
        own = [row for row in rows if can_pause(request.user, row.owner, row.resource)]
        done = sum(actions.resume(pause_id=row.pk, by=who, now=now) for row in own)
        messages.success(request, f"{done} of {len(rows)} were in force, and are resumed.")
        if len(own) < len(rows):
            messages.error(request, _("A pause of everything is ended by who sees every service owner."))
