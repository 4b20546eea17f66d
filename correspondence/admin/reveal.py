"""A recipient's number, shown once."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from correspondence.models import Correspondence
from recipients.identifiers import ORGANIZATION_PREFIX, PERSON_PREFIX

# How long it stands on a page that nobody leaves.
SECONDS = 60


def answer(request: HttpRequest, letter: Correspondence, recipient: str, context: dict[str, Any]) -> HttpResponse:
    """JSON for the script of the letter's page; where there is none, a page that goes back to the letter by itself.

    No page of the back-office is stored (config.staff.sessions), nor is this.
    """
    number = recipient.removeprefix(PERSON_PREFIX).removeprefix(ORGANIZATION_PREFIX)
    if not request.accepts("text/html"):
        return JsonResponse({"number": number})
    back = reverse("admin:correspondence_correspondence_change", args=[letter.pk])
    # Whatever a template asks for must be here: of what is missing Django logs all that was given, at DEBUG.
    texts = {"title": _("Recipient"), "subtitle": "", "is_popup": False}
    context = {**context, **texts, "number": number, "back": back, "seconds": SECONDS}
    page = TemplateResponse(request, "admin/correspondence/correspondence/reveal.html", context)
    page.headers["Refresh"] = f"{SECONDS}; url={back}"
    return page
