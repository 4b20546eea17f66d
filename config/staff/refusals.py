"""What people read in the back-office where a page is refused."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from config.kernel import problems
from config.kernel.transfers import TooManyLogins


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    if not problems.is_for_people(request):
        return problems.forbidden(request)
    return refused(
        request,
        _("You may not open this page"),
        _(
            "You are logged in, but your account has no permission for this page. "
            "An administrator can give it to you or to one of your groups."
        ),
    )


def form_is_stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    if not problems.is_for_people(request):
        return problems.forbidden(request)
    return refused(
        request,
        _("Nothing was saved"),
        _(
            "This form was opened before you last logged in or out, or your browser keeps no cookies for this site. "
            "Go back, load the page again, and send it once more."
        ),
    )


def too_many_logins(request: HttpRequest, error: TooManyLogins) -> HttpResponse:
    """Nothing was looked at, and nothing counted."""
    page = refused(
        request,
        _("Nobody was logged in"),
        _("As many people are logging in as may at once. Try again in a moment."),
        error.status_code,
    )
    page["Retry-After"] = str(problems.RETRY_AFTER_SECONDS)
    return page


def refused(request: HttpRequest, title: str, text: str, status: int = 403) -> HttpResponse:
    """A page that says why nothing was done."""
    return render(request, "staff/refused.html", {"title": title, "text": text}, status=status)
