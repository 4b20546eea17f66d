"""The admin's site: nobody sees a page of it without all that is asked for at the door."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from config.kernel import clock
from config.kernel.transfers import TooManyLogins, logins
from config.staff import actions, languages, lockout, refusals, second_factor, views
from config.staff.logins import entered


def _nothing_more(request: HttpRequest) -> Mapping[str, Any]:
    return {}


class StaffSite(AdminSite):
    """Django's, with a second factor behind the password.

    What stands on its first page, and pages of no model, it cannot know: both are given to it from above (design §2).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.start_page: Callable[[HttpRequest], Mapping[str, Any]] = _nothing_more
        self.further_pages: list[URLPattern] = []

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().index(request, {**self.start_page(request), **(extra_context or {})})

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and second_factor.suffices(request)

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The password; from there on to the second factor, where one is missing."""
        if request.method == "GET" and views.is_known(request) and not self.has_permission(request):
            target = request.GET.get(REDIRECT_FIELD_NAME, reverse("admin:index"))
            return HttpResponseRedirect(f"{reverse('admin:second_factor')}?{urlencode({REDIRECT_FIELD_NAME: target})}")
        if request.method != "POST":
            return super().login(request, extra_context)
        try:
            with logins.taken(lockout.address_of(request)):
                return self._checked(request, extra_context)
        except TooManyLogins as error:
            return refusals.too_many_logins(request, error)

    def _checked(self, request: HttpRequest, extra_context: Any) -> Any:
        response = super().login(request, extra_context)
        # By its answer: who is inside already may have sent a wrong password just now.
        if isinstance(response, HttpResponseRedirect) and self.has_permission(request):
            lockout.forgive(request, request.user.get_username())
            entered(request)
        return response

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        with transaction.atomic():
            response = super().password_change(request, extra_context)
            if request.method == "POST" and isinstance(response, HttpResponseRedirect):
                name, now = request.user.get_username(), clock.now()
                actions.note_change(user=request.user, what={"fields": ["password"]}, by=name, now=now)
        return response

    def each_context(self, request: Any) -> Any:
        return {**super().each_context(request), "second_factor_is_offered": second_factor.is_offered()}

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            # Also for those who have shown their password only: Django's own sends them back to the login.
            path("logout/", never_cache(csrf_protect(self._logout)), name="logout"),
            path("language/", languages.set_language, name="set_language"),
            path("second-factor/", views.second_factor_page, name="second_factor"),
            path("second-factor/set-up/", views.set_up_page, name="second_factor_set_up"),
            path("second-factor/recovery-codes/", views.recovery_codes_page, name="second_factor_codes"),
            *self.further_pages,
            *super().get_urls(),
        ]

    def _logout(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.logout(request)
        return response
