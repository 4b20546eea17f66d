"""What people read in the back-office where a page is refused."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.kernel import problems


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    if not problems.is_for_people(request):
        return problems.forbidden(request)
    return _page(
        request,
        "You may not open this page",
        "You are logged in, but your account has no permission for this page. "
        "An administrator can give it to you or to one of your groups.",
    )


def form_is_stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    if not problems.is_for_people(request):
        return problems.forbidden(request)
    return _page(
        request,
        "Nothing was saved",
        "This form was opened before you last logged in or out, or your browser keeps no cookies for this site. "
        "Go back, load the page again, and send it once more.",
    )


def _page(request: HttpRequest, title: str, text: str) -> HttpResponse:
    return render(request, "staff/refused.html", {"title": title, "text": text}, status=403)
