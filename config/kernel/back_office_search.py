"""What somebody searches for may be a person's number, and stays out of addresses: histories and logs keep those.

The form is sent, and answered by a redirect to the list with `q=~…`: a key that means something in the session of who
searched, and nowhere else. What holds no such number stands in the address as it is, to be kept or passed on.
"""

import re
import secrets
from typing import Any

from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from config.kernel.masking import mask_person_numbers

_KEPT_IN_SESSION = "back_office_searches"
_MOST_KEPT = 30
_MOST_CHARACTERS = 4096  # a sender's reference
STARS = "*" * 11
_KEY = re.compile(r"~[A-Za-z0-9_-]{12}")
# Eleven digits however they are spaced, or an address as some persons are named by.
_PERSONAL = re.compile(r"(?<![0-9])(?:[0-9][\s.\-]?){10}[0-9](?![0-9])|@|legacy-selfidentified")


def kept(request: HttpRequest, term: str) -> str:
    """What stands for the term in an address."""
    if len(term) <= 200 and not _PERSONAL.search(term) and mask_person_numbers(term) == term:
        return term
    searches: dict[str, str] = request.session.get(_KEPT_IN_SESSION, {})
    key = next((key for key, known in searches.items() if known == term), "") or f"~{secrets.token_urlsafe(9)}"
    others = {name: known for name, known in searches.items() if name != key}
    newest = list(others.items())[-_MOST_KEPT + 1 :]
    request.session[_KEPT_IN_SESSION] = {**dict(newest), key: term}
    return key


def term_of(request: HttpRequest, text: str) -> str | None:
    """The term that a text in an address stands for; None for a key of which this session knows nothing (any more)."""
    if not _KEY.fullmatch(text):
        return text
    found: str | None = request.session.get(_KEPT_IN_SESSION, {}).get(text)
    return found


def told(request: HttpRequest, text: str) -> str:
    """The same for people to read, and to note: a person's number or address as stars."""
    term = term_of(request, text)
    if term is None:
        return ""
    return STARS if _PERSONAL.search(term) else mask_person_numbers(term)


class PrivateSearch:
    """For a ModelAdmin: its search is sent, not written into the address."""

    def get_urls(self) -> list[URLPattern]:
        """Django's, and that which the search is sent to."""
        options: Any = self.opts  # type: ignore[attr-defined]
        view = self.admin_site.admin_view(self.find_view)  # type: ignore[attr-defined]
        own = path("find/", view, name=f"{options.app_label}_{options.model_name}_find")
        return [own, *super().get_urls()]  # type: ignore[misc]

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """To the list of what is found."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        options: Any = self.opts  # type: ignore[attr-defined]
        address = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
        term = request.POST.get("term", "").strip()[:_MOST_CHARACTERS]
        query = urlencode({SEARCH_VAR: kept(request, term)}) if term else ""
        return HttpResponseRedirect(f"{address}?{query}" if query else address)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Who typed a number into the address himself gets no page that repeats it in its links."""
        if typed := request.GET.get(SEARCH_VAR, "").strip():
            query: Any = request.GET.copy()
            query[SEARCH_VAR] = typed if _KEY.fullmatch(typed) else kept(request, typed[:_MOST_CHARACTERS])
            request.GET = query
        return super().changelist_view(request, extra_context)  # type: ignore[misc]
