"""Where the start page leads to: every address of it, in one place."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from correspondence.admin.standing_filter import PARAMETER
from correspondence.models import Correspondence, Mailing, Pause


def letters(where: str) -> str:
    """The list of those letters; standing_filter.py says which words there are."""
    return f"{reverse('admin:correspondence_correspondence_changelist')}?{urlencode({PARAMETER: where})}"


def letter(letter_id: UUID) -> str:
    """A letter's page."""
    return reverse("admin:correspondence_correspondence_change", args=[letter_id])


def mailing(request: HttpRequest, mailing_id: UUID) -> str:
    """A mailing's page; empty for who may not open it."""
    return _for(request, Mailing, reverse("admin:correspondence_mailing_change", args=[mailing_id]))


def pauses(request: HttpRequest) -> str:
    """The list of pauses in force, where they are resumed; empty for who may not open it."""
    return _for(request, Pause, f"{reverse('admin:correspondence_pause_changelist')}?resumed_at__isempty=1")


def pause(request: HttpRequest) -> str:
    """The form that pauses; empty for who may not."""
    may = admin.site._registry[Pause].has_add_permission(request)
    return reverse("admin:correspondence_pause_add") if may else ""


def may_see_letters(request: HttpRequest) -> bool:
    """Whether the figures are for this user at all."""
    return bool(admin.site._registry[Correspondence].has_view_permission(request))


def may_resume(request: HttpRequest) -> bool:
    """Whether the user may end pauses."""
    return bool(request.user.has_perm("correspondence.change_pause"))


def _for(request: HttpRequest, model: Any, address: str) -> str:
    return address if admin.site._registry[model].has_view_permission(request) else ""
