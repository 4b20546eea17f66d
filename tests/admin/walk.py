"""Every address of the back-office, as its own routes tell, with rows to fill them."""

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import get_resolver

from attachments.models import CleaningDay
from config.kernel import clock
from correspondence.actions import pause, plan
from correspondence.models import BulkJob, Correspondence, Mailing
from correspondence.statuses import Act, JobState
from recipients.models import Party
from registry.models import Delegation, Resource
from tests.clients import Client
from tests.files import uploaded
from tests.letters import PERSON, letter

_ROW = re.compile(r"<(?:path:object_id|uuid:pk|id)>")
_SAMPLES = {
    "r/<path:content_type_id>/<path:object_id>/": "r/1/1/",
    "^(?P<app_label>auth|attachments|correspondence|recipients|registry)/$": "registry/",
    "(?P<url>.*)$": "nothing/",
}


def routes() -> list[str]:
    """As the resolver holds them, without `admin/`."""
    return [route.removeprefix("admin/") for route in _below(get_resolver(), "") if route.startswith("admin/")]


def _below(resolver: Any, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _below(pattern, route)
        else:
            yield route


def make_rows(sender: Client) -> None:
    """One row, at the least, of each model that has pages."""
    file_id = uploaded(sender)
    assert sender.post(letter(PERSON, request__existingAttachments=[file_id])).status_code == 200
    Party.objects.create(urn=PERSON, name="Kari")
    Delegation.objects.create(
        from_party="urn:altinn:organization:identifier-no:312295202",
        to_party=PERSON,
        right="read",
        resource=Resource.objects.get(),
        created_at=clock.now(),
        created_by="command",
    )
    pause(reason="Feil logo", by="command", resource_id="fjordby-byggesak", now=clock.now())
    of = Correspondence.objects.get()
    job = plan(job_id=of.pk, act=Act.RETRY, ids=[of.pk], owners=[of.owner_id], by="kari", now=clock.now())
    ended = {"state": JobState.ENDED, "begun_at": job.made_at, "ended_at": job.made_at, "position": 1}
    BulkJob.objects.update(**ended, reason="Feil logo")
    CleaningDay.objects.create(day=clock.now().date())
    Group.objects.create(name="readers")
    get_user_model().objects.create_user("subject", is_staff=True)
    assert Correspondence.objects.exists()


def address(route: str) -> str:
    """One address that the route answers; that of a row, if it is one's."""
    if route in _SAMPLES:
        return "/admin/" + _SAMPLES[route]
    if "<slug:act>" in route:
        kinds: dict[str, Any] = {"letter": Correspondence, "mailing": Mailing}
        row = kinds[route.split("/")[2]].objects.get()
        return "/admin/" + route.replace("<uuid:pk>", str(row.pk)).replace("<slug:act>", "cancel")
    app, _, rest = route.partition("/")
    if not _ROW.search(route):
        return "/admin/" + route
    model = apps.get_model(app, rest.partition("/")[0])
    row = model.objects.get(username="subject") if model is get_user_model() else model.objects.first()
    return "/admin/" + _ROW.sub(str(row.pk), route)
