"""Pauses in the back-office."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from config.kernel import clock
from config.kernel.back_office import OfferedLookups, masked
from correspondence import actions
from correspondence.models import Pause


class PauseForm(forms.ModelForm):
    """What is to be paused, and why."""

    def _get_validation_exclusions(self) -> set[str]:
        # Django asks no constraint that names a column without a field here; these say whether it is in force.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        return excluded - {"resumed_at", "resumed_by"}


@admin.register(Pause)
class PauseAdmin(OfferedLookups):
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
        who, now = request.user.get_username(), clock.now()
        done = sum(actions.resume(pause_id=row.pk, by=who, now=now) for row in queryset)
        messages.success(request, f"{done} of {len(queryset)} were in force, and are resumed.")
