"""Users and groups in the back-office: made, changed and shut out; never deleted, and nobody raises himself."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from config.staff import actions, second_factor

# They show keys and codes.
admin.site.unregister([TOTPDevice, StaticDevice, User, Group])


@admin.register(User)
class StaffAdmin(UserAdmin):
    """People of the back-office."""

    list_display = ("username", "first_name", "last_name", "is_active", "is_staff", "is_superuser", "last_login")
    readonly_fields = ("last_login", "date_joined", "second_factor")
    actions = ("reset_second_factor", "lift_lockout")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        given = super().get_fieldsets(request, obj)
        return given if obj is None else [*given, (_("Second factor"), {"fields": ("second_factor",)})]

    @admin.display(description=_("second factor"))
    def second_factor(self, user: User) -> str:
        if not second_factor.is_set_up(user):
            return gettext("not set up")
        left = second_factor.recovery_codes_left(user)
        told = ngettext(
            "authenticator app, and %(count)s recovery code", "authenticator app, and %(count)s recovery codes", left
        )
        return told % {"count": left}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who is not a superuser gives nobody a right, or would give himself all of them."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if _is_superuser(request) else (*fields, "is_superuser", "groups", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        out_of_reach = obj is not None and obj.is_superuser and not _is_superuser(request)
        return super().has_change_permission(request, obj) and not out_of_reach

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: the record of what a user has done would go too. `is_active` shuts out at once."""
        return False

    @admin.action(description=_("Reset the second factor, and log out"), permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in self._within_reach(request, queryset):
            actions.reset_second_factor(username=user.username, by=request.user.get_username())
            self.log_change(request, user, "Second factor reset.")
            told = _("%(user)s: the second factor is gone, and every session has ended.")
            messages.success(request, told % {"user": user})

    @admin.action(description=_("Lift the lock-out after failed logins"), permissions=["change"])
    def lift_lockout(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in self._within_reach(request, queryset):
            actions.lift_lockout(username=user.username, by=request.user.get_username())
            self.log_change(request, user, "Lock-out lifted.")
            messages.success(request, _("%(user)s: failed logins are forgotten.") % {"user": user})

    def _within_reach(self, request: HttpRequest, queryset: QuerySet[User]) -> list[User]:
        users = list(queryset)
        within = [user for user in users if self.has_change_permission(request, user)]
        for user in users:
            if user not in within:
                told = _("%(user)s: only a superuser may do this to a superuser.")
                messages.error(request, told % {"user": user})
        return within


@admin.register(Group)
class StaffGroupAdmin(GroupAdmin):
    """What members may do. Only superusers decide it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)
