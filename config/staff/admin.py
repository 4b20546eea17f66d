"""Users and groups in the back-office: made, changed and shut out; never deleted, and nobody raises himself."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from config.audit.actions import record
from config.audit.models import Deed
from config.kernel import clock
from config.staff import actions, reach, roles, second_factor

# They show keys and codes.
admin.site.unregister([TOTPDevice, StaticDevice, User, Group])

_RIGHTS = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")


class RoleField(forms.ModelMultipleChoiceField):
    """Groups, those that are shipped by the names that people know them by."""

    def label_from_instance(self, obj: Any) -> str:
        return roles.title_of(obj)


@admin.register(User)
class StaffAdmin(UserAdmin):
    """People of the back-office."""

    list_display: Any = (
        "username",
        "first_name",
        "last_name",
        "shown_roles",
        "is_active",
        "is_staff",
        "is_superuser",
        "last_login",
    )
    readonly_fields = ("last_login", "date_joined", "second_factor")
    actions = ("reset_second_factor", "lift_lockout")
    inlines: ClassVar[Any] = ()
    # What rows show of other tables, for who looks; apps above add theirs, as they do to the columns and inlines.
    fetched_along: ClassVar[tuple[Callable[[HttpRequest], Any], ...]] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        along = [fetched(request) for fetched in self.fetched_along]
        return super().get_queryset(request).prefetch_related("groups", *along)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        given = super().get_fieldsets(request, obj)
        return given if obj is None else [*given, (_("Second factor"), {"fields": ("second_factor",)})]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """A user is made first, with a password; what he is for follows."""
        return () if obj is None else super().get_inlines(request, obj)

    @admin.display(description=_("roles"))
    def shown_roles(self, user: User) -> str:
        return ", ".join(sorted(roles.title_of(group) for group in user.groups.all()))

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
        """Who is not a superuser gives others roles that can no more than he can himself; and himself nothing."""
        fields = tuple(super().get_readonly_fields(request, obj))
        if _is_superuser(request):
            return fields
        return (*fields, *(_RIGHTS if obj == request.user else ("is_superuser", "user_permissions")))

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs |= {"queryset": reach.groups_within_reach(request.user), "form_class": RoleField}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        within = obj is None or reach.is_within_reach(request.user, obj)
        return super().has_change_permission(request, obj) and within

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: the record of what a user has done would go too. `is_active` shuts out at once."""
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """All of it is stored by then; the audit log says which fields, and what rights he has now."""
        super().save_related(request, form, formsets, change)
        if form.changed_data:
            deed = Deed.CHANGED if change else Deed.ADDED
            _note(request, deed, form.instance, fields=_told(form.changed_data), **_rights_now(form))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        with transaction.atomic():
            answer: HttpResponse = super().user_change_password(request, id, form_url)
            return answer

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Of a new password, which has a page of its own, the audit log is told here: no form of ours is asked."""
        if request.resolver_match and request.resolver_match.url_name == "auth_user_password_change":
            _note(request, Deed.CHANGED, obj, fields=["password"])
        return super().log_change(request, obj, message)

    @admin.action(description=_("Reset the second factor, and log out"), permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in self._within_reach(request, queryset):
            actions.reset_second_factor(username=user.username, by=request.user.get_username(), now=clock.now())
            self.log_change(request, user, "Second factor reset.")
            said = _("%(user)s: the second factor is gone, and every session has ended.")
            messages.success(request, said % {"user": user})

    @admin.action(description=_("Lift the lock-out after failed logins"), permissions=["change"])
    def lift_lockout(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in self._within_reach(request, queryset):
            actions.lift_lockout(username=user.username, by=request.user.get_username(), now=clock.now())
            self.log_change(request, user, "Lock-out lifted.")
            messages.success(request, _("%(user)s: failed logins are forgotten.") % {"user": user})

    def _within_reach(self, request: HttpRequest, queryset: QuerySet[User]) -> list[User]:
        users = list(queryset)
        within = [user for user in users if self.has_change_permission(request, user)]
        for user in users:
            if user not in within:
                said = (
                    _("%(user)s: only a superuser may do this to a superuser.")
                    if user.is_superuser
                    else _("%(user)s: this user may do more than you, or for others; somebody else has to do it.")
                )
                messages.error(request, said % {"user": user})
        return within


@admin.register(Group)
class StaffGroupAdmin(GroupAdmin):
    """What members may do. Only superusers decide it."""

    list_display = ("shown_name",)

    @admin.display(description=_("name"), ordering="name")
    def shown_name(self, group: Group) -> str:
        return roles.title_of(group)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.changed_data:
            deed = Deed.CHANGED if change else Deed.ADDED
            now = {"name": form.instance.name, "permissions": _permissions_of(form.instance)}
            _note(request, deed, form.instance, fields=_told(form.changed_data), now=now)

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        self.delete_queryset(request, Group.objects.filter(pk=obj.pk))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        for group in queryset:
            members = sorted(group.user_set.values_list("username", flat=True))
            _note(request, Deed.DELETED, group, name=group.name, members=members)
        super().delete_queryset(request, queryset)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)


def _note(request: HttpRequest, deed: Deed, target: User | Group, **details: Any) -> None:
    record(deed, by=request.user.get_username(), now=clock.now(), target=target, details=details)


def _told(fields: Iterable[str]) -> list[str]:
    """What was filled in, by the names of columns; a password is one, however many fields it takes."""
    return sorted({"password" if "password" in name else name for name in fields})


def _rights_now(form: Any) -> dict[str, Any]:
    """What decides about a user's rights, as it is now, where the form has changed it."""
    user, changed = form.instance, set(form.changed_data) & set(_RIGHTS)
    now: dict[str, Any] = {name: getattr(user, name) for name in sorted(changed) if name.startswith("is_")}
    if "groups" in changed:
        now["groups"] = sorted(user.groups.values_list("name", flat=True))
    if "user_permissions" in changed:
        now["user_permissions"] = _permissions_of(user)
    return {"now": now} if now else {}


def _permissions_of(holder: Any) -> list[str]:
    """Those that a group, or a user beside his groups, was given."""
    held = holder.permissions if isinstance(holder, Group) else holder.user_permissions
    return sorted(f"{app}.{name}" for app, name in held.values_list("content_type__app_label", "codename"))
