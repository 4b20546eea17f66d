"""Pauses in the back-office: asked about before publishing is paused, and before it is resumed."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy, ngettext

from config.kernel import clock
from config.kernel.back_office import OfferedLookups, masked
from config.kernel.masking import mask_person_numbers
from correspondence import actions
from correspondence.admin.words import what_is_paused
from correspondence.models import Correspondence, Pause
from correspondence.policies.pauses import can_pause
from correspondence.querysets import concerning
from registry.back_office import OfVisibleOwners

_MOST_COUNTED = 10_000


class PauseForm(forms.ModelForm):
    """What is to be paused, and why; `by` is the user who says so."""

    by: Any

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not can_pause(self.by, cleaned.get("owner"), cleaned.get("resource")):
            raise ValidationError(
                gettext("Name an owner or a resource of yours: only who sees every service owner pauses everything.")
            )
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

    def of_owners(self, owners: frozenset[int]) -> Q:
        return concerning(owners)

    @admin.display(description=gettext_lazy("what is paused"))
    def what(self, row: Pause) -> str:
        return what_is_paused(row)

    @admin.display(description=gettext_lazy("in force"), boolean=True)
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

    def get_form(self, request: HttpRequest, obj: Pause | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = type("FormOfSomebody", (self.form,), {"by": request.user})
        return super().get_form(request, obj, change, form=form, **kwargs)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form; then the question; and with a yes it is done."""
        if request.method == "POST" and "confirmed" not in request.POST and self.has_add_permission(request):
            form = self.get_form(request)(request.POST)
            if form.is_valid():
                return self._ask_to_pause(request, form.instance)
        answer: HttpResponse = super().add_view(request, form_url, extra_context)
        return answer

    def _ask_to_pause(self, request: HttpRequest, pause: Pause) -> HttpResponse:
        fields = [
            ("owner", pause.owner_id or ""),
            ("resource", pause.resource_id or ""),
            ("reason", pause.reason),
        ]
        text = gettext("Nothing of this goes out until somebody resumes it. Letters are accepted meanwhile.")
        return self._ask(request, gettext("Pause publishing"), text, [pause], fields, gettext("Pause"))

    def save_model(self, request: HttpRequest, obj: Pause, form: Any, change: bool) -> None:
        terms: dict[str, Any] = {"owner_id": obj.owner_id, "resource_id": obj.resource_id, "reason": obj.reason}
        obj.pk = actions.pause(**terms, by=request.user.get_username(), now=clock.now()).pk

    @admin.action(description=gettext_lazy("Resume publishing"), permissions=["resume"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Pause]) -> HttpResponse | None:
        rows = list(queryset.select_related("owner", "resource"))
        able = [row for row in rows if row.resumed_at is None and can_pause(request.user, row.owner, row.resource)]
        if not able:
            text = gettext("Nothing was resumed: this is over already, or it is not yours to resume.")
            messages.warning(request, text)
            return None
        if "confirmed" not in request.POST:
            fields: list[tuple[str, Any]] = [("action", "resume"), *(("_selected_action", row.pk) for row in able)]
            text = gettext("What only this holds up goes out at once.")
            others = [row for row in rows if row not in able]
            return self._ask(request, gettext("Resume publishing"), text, able, fields, gettext("Resume"), others)
        who, now, why = request.user.get_username(), clock.now(), request.POST.get("reason", "").strip()[:500]
        done = sum(actions.resume(pause_id=row.pk, by=who, now=now, reason=why) for row in able)
        text = ngettext(
            "%(done)s of %(count)s was in force, and is resumed.",
            "%(done)s of %(count)s were in force, and are resumed.",
            len(rows),
        )
        messages.success(request, text % {"done": done, "count": len(rows)})
        return None

    def _ask(
        self,
        request: HttpRequest,
        title: str,
        meaning: str,
        rows: list[Pause],
        fields: list[tuple[str, Any]],
        button: str,
        others: list[Pause] | None = None,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "meaning": meaning,
            "rows": [_shown(row) for row in rows],
            "others": [what_is_paused(row) for row in others or ()],
            "fields": fields,
            "button": button,
            "asks_why": "reason" not in dict(fields),
        }
        return TemplateResponse(request, "admin/correspondence/pause/confirm.html", context)


def _shown(row: Pause) -> dict[str, Any]:
    count = _letters_of(row)
    return {
        "of": what_is_paused(row),
        "reason": mask_person_numbers(row.reason),
        "by": mask_person_numbers(row.paused_by),
        "at": row.paused_at,
        "count": f"{count:,}" if count < _MOST_COUNTED else gettext("%(most)s or more") % {"most": f"{count:,}"},
    }


def _letters_of(row: Pause) -> int:
    """How many letters in the queue it concerns, counted no further than a bound, in the index of what is ready."""
    letters = Correspondence.objects.ready()
    if row.owner_id is not None:
        letters = letters.filter(owner=row.owner_id)
    if row.resource_id is not None:
        letters = letters.filter(resource=row.resource_id)
    return letters.order_by()[:_MOST_COUNTED].values("pk").count()
