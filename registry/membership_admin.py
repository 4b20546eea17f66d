"""Which service owners a user works for: on the user's page and in the list of users (config/staff/admin.py)."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Prefetch
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.kernel import clock
from config.staff.admin import StaffAdmin
from registry import actions
from registry.back_office import OfVisibleOwners
from registry.models import Membership
from registry.policies import visible_owners


class _Memberships(BaseInlineFormSet):
    """What is added and taken away is done by actions, which note it."""

    by: ClassVar[str]

    def save_new(self, form: Any, commit: bool = True) -> Any:
        return actions.join(user=self.instance, owner=form.cleaned_data["owner"], by=self.by, now=clock.now())

    def delete_existing(self, obj: Any, commit: bool = True) -> None:
        actions.leave(membership=obj, by=self.by, now=clock.now())


class MembershipInline(OfVisibleOwners, admin.TabularInline):
    """The service owners that a user is a member of. Nobody makes himself one."""

    model = Membership
    extra = 0
    autocomplete_fields = ("owner",)
    verbose_name = _("membership")
    verbose_name_plural = _("member of these service owners: sees what belongs to them")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("owner", "user")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = type("MembershipsBySomebody", (_Memberships,), {"by": request.user.get_username()})
        return super().get_formset(request, obj, formset=formset, **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and self._may_decide(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One is had or not; there is nothing about it to change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._may_decide(request, obj)

    def _may_decide(self, request: HttpRequest, user: User | None) -> bool:
        return request.user.is_superuser or (user is not None and user != request.user)


@admin.display(description=_("member of"))
def member_of(user: Any) -> str:
    """The names of the user's service owners, as far as who looks sees them."""
    return ", ".join(membership.owner.name for membership in user.shown_memberships)


def _shown_memberships(request: HttpRequest) -> Prefetch:
    rows, owners = Membership.objects.select_related("owner"), visible_owners(request.user)
    seen = rows if owners is None else rows.filter(owner__in=owners)
    return Prefetch("memberships", seen.order_by("owner__name"), to_attr="shown_memberships")


# The page of users stands below, and cannot know of owners; what it shows of them is given to it from here (design §2).
_after = StaffAdmin.list_display.index("shown_roles") + 1
StaffAdmin.list_display = (*StaffAdmin.list_display[:_after], member_of, *StaffAdmin.list_display[_after:])
StaffAdmin.inlines = (*StaffAdmin.inlines, MembershipInline)
StaffAdmin.fetched_along = (*StaffAdmin.fetched_along, _shown_memberships)
