"""Pages between the password and the back-office."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from config.kernel import clock
from config.staff import actions, lockout, logins, second_factor
from config.staff.forms import CodeForm, SetUpForm

logger = structlog.get_logger(__name__)


def is_known(request: HttpRequest) -> bool:
    """Whether the request's session has shown a password of staff."""
    return request.user.is_active and request.user.is_staff


def _door(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A page for who has shown his password; others are asked for it."""

    @never_cache
    @csrf_protect
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not second_factor.is_offered():
            raise Http404
        if not is_known(request):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        return view(request)

    return guarded


@_door
def second_factor_page(request: HttpRequest) -> HttpResponse:
    """Asks for a code; leads to where the user wanted to go once it is right, or if none is needed."""
    target = _target(request)
    if second_factor.is_passed(request):
        return HttpResponseRedirect(target)
    if not second_factor.is_set_up(request.user):
        return HttpResponseRedirect(reverse("admin:second_factor_set_up"))
    username = request.user.get_username()
    if request.method == "POST" and lockout.is_locked_out(request, username):
        return lockout.locked_out(request, None, {"username": username})
    form = CodeForm(request, request.POST or None)
    if form.is_valid():
        lockout.forgive(request, username)
        logger.info("second_factor_passed", user=request.user.pk)
        logins.entered(request)
        return HttpResponseRedirect(target)
    if form.errors:
        logger.warning("second_factor_refused", user=request.user.pk)
    return _page(request, "staff/second_factor.html", title=_("Your second factor"), form=form, next=target)


@_door
def set_up_page(request: HttpRequest) -> HttpResponse:
    """Offers a key for an authenticator app, puts it in force when its code comes back, and shows recovery codes.

    Not for who has one in force and has not shown it.
    """
    if second_factor.is_set_up(request.user) and not second_factor.is_passed(request):
        return HttpResponseRedirect(reverse("admin:second_factor"))
    was_in = second_factor.suffices(request)
    form = SetUpForm(request, request.POST or None)
    if form.is_valid():
        logger.info("second_factor_set_up", user=request.user.pk)
        _note(request, second_factor="set up")
        if not was_in:
            logins.entered(request)
        return _recovery_codes(request, form.recovery_codes)
    offer = second_factor.Offer(request.user, request.get_host(), form.accepted_key)
    return _page(request, "staff/set_up.html", title=_("Set up your second factor"), form=form, offer=offer)


@_door
def recovery_codes_page(request: HttpRequest) -> HttpResponse:
    """How many recovery codes are left; a POST makes new ones."""
    if not second_factor.is_passed(request):
        return HttpResponseRedirect(reverse("admin:second_factor"))
    if request.method == "POST":
        logger.info("recovery_codes_renewed", user=request.user.pk)
        _note(request, recovery_codes="renewed")
        return _recovery_codes(request, second_factor.renew_recovery_codes(request.user))
    left = second_factor.recovery_codes_left(request.user)
    return _page(request, "staff/recovery_codes.html", title=_("Your second factor"), left=left)


def _note(request: HttpRequest, **what: str) -> None:
    actions.note_change(user=request.user, what=what, by=request.user.get_username(), now=clock.now())


def _recovery_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return _page(request, "staff/new_codes.html", title=_("Your recovery codes"), codes=codes)


def _target(request: HttpRequest) -> str:
    """Where the user wanted to go, if that is here."""
    asked = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    here = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if here else reverse("admin:index")


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), **context})
