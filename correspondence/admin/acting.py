"""What is done with letters from their list: the choice is written down, and the next page asks for a yes."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from uuid_utils.compat import uuid7

from config.kernel import clock
from correspondence import actions
from correspondence.models import Correspondence
from correspondence.statuses import Act
from registry.policies import visible_owners

MOST_LETTERS = 20_000  # of one job
MAY_ACT = "correspondence.change_correspondence"


def visible(user: Any) -> "QuerySet[Correspondence]":
    """The letters of the service owners that the user works for."""
    owners = visible_owners(user)
    return Correspondence.objects.all() if owners is None else Correspondence.objects.filter(owner__in=owners)


class ActsOnLetters:
    """For the list of letters: what may be done with those that are ticked, or with all that match the filter."""

    actions: Any = ("retry_set_aside", "send_again", "publish_now", "cancel")

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Who may: those who may change correspondences, though no form lets anybody edit them."""
        return bool(request.user.has_perm(MAY_ACT))

    @admin.action(description=gettext_lazy("Retry those that were set aside"), permissions=["act"])
    def retry_set_aside(self, request: HttpRequest, queryset: QuerySet[Correspondence]) -> HttpResponse | None:
        return _ask(request, Act.RETRY, queryset)

    @admin.action(description=gettext_lazy("Send again those that have failed"), permissions=["act"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Correspondence]) -> HttpResponse | None:
        return _ask(request, Act.SEND_AGAIN, queryset)

    @admin.action(description=gettext_lazy("Publish now those that are for later"), permissions=["act"])
    def publish_now(self, request: HttpRequest, queryset: QuerySet[Correspondence]) -> HttpResponse | None:
        return _ask(request, Act.PUBLISH_NOW, queryset)

    @admin.action(description=gettext_lazy("Cancel those that are not published"), permissions=["act"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Correspondence]) -> HttpResponse | None:
        return _ask(request, Act.CANCEL, queryset)


def _ask(request: HttpRequest, act: Act, queryset: QuerySet[Correspondence]) -> HttpResponse | None:
    """The letters as they are now: what comes to match the filter while somebody reads the question is not touched."""
    owners = visible_owners(request.user)
    found = queryset if owners is None else queryset.filter(owner__in=owners)
    letters = list(found.order_by().values_list("pk", "owner_id")[: MOST_LETTERS + 1])
    if not letters:
        messages.warning(request, gettext("No letter was chosen."))
        return None
    if len(letters) > MOST_LETTERS:
        text = gettext("These are more than %(most)s letters. Narrow the filter, and do them part by part.")
        messages.error(request, text % {"most": f"{MOST_LETTERS:,}"})
        return None
    terms: dict[str, Any] = {"ids": [key for key, _ in letters], "owners": {owner for _, owner in letters}}
    job = actions.plan(job_id=uuid7(), act=act, **terms, by=request.user.get_username(), now=clock.now())
    return HttpResponseRedirect(reverse("admin:correspondence_bulkjob_confirm", args=[job.pk]))
