"""Every address of the back-office, as its own routes tell, with rows to fill them."""

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.admin.utils import quote
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import get_resolver

from attachments.models import CleaningDay
from config.audit.actions import record
from config.audit.models import Deed
from config.imports import actions as imports
from config.imports.models import Upload
from config.kernel import clock
from correspondence.actions import pause, plan
from correspondence.models import BulkJob, Correspondence, Mailing
from correspondence.statuses import Act, JobState
from recipients.models import Party
from registry.models import Delegation, Resource
from tests.clients import Client
from tests.files import uploaded
from tests.letters import PERSON, letter

_UPLOAD = "<uuid:upload>"
_ROW = re.compile(r"<(?:path:object_id|uuid:pk|id)>")
_SAMPLES = {
    "r/<path:content_type_id>/<path:object_id>/": "r/0/1/",
    "^(?P<app_label>auth|attachments|audit|correspondence|recipients|registry)/$": "registry/",
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
    make_rows_of(sender)
    Party.objects.create(urn=PERSON, name="Kari")
    CleaningDay.objects.create(day=clock.now().date())
    Group.objects.create(name="readers")
    subject = get_user_model().objects.create_user("subject", is_staff=True)
    for kind in ("recipients.party", "registry.resource"):
        imports.keep(user=subject, kind=kind, name="rows.csv", chunks=[b"identifier\n"], now=clock.now())
    assert Correspondence.objects.exists()


def make_rows_of(sender: Client, resource_id: str = "fjordby-byggesak", word: str = "") -> None:
    """One row, at the least, of each model whose rows belong to an owner: this resource's. The word is in all texts."""
    resource, now = Resource.objects.get(pk=resource_id), clock.now()
    file_id = uploaded(sender, resourceId=resource_id, fileName=f"plan {word}.pdf", sendersReference=f"fil {word}")
    written = letter(
        PERSON,
        resourceId=resource_id,
        sendersReference=f"sak {word}",
        messageSender=f"Etaten {word}",
        content__messageTitle=f"Vedtak {word}",
        content__messageBody=f"Om {word}",
        request__existingAttachments=[file_id],
    )
    assert sender.post(written).status_code == 200
    Delegation.objects.create(
        from_party=f"urn:altinn:organization:identifier-no:{resource.owner.organization_number}",
        to_party=PERSON,
        right="read",
        resource=resource,
        created_at=now,
        created_by=f"command {word}".strip(),
    )
    pause(reason=f"Feil logo {word}", by="command", resource_id=resource_id, now=now)
    number = resource.owner.organization_number
    record(Deed.RETRIED, by="command", now=now, target=resource, owner=number, reason=f"Feil {word}")
    of = Correspondence.objects.get(resource=resource)
    job = plan(job_id=of.pk, act=Act.RETRY, ids=[of.pk], owners=[of.owner_id], by="per", now=now)
    ended = {"state": JobState.ENDED, "begun_at": now, "ended_at": now, "position": 1}
    BulkJob.objects.filter(pk=job.pk).update(**ended, reason=f"Feil logo {word}")


def model_of(route: str) -> Any:
    """The model whose page the route leads to."""
    app, name, *_ = route.split("/")
    return apps.get_model(app, name)


def row_of(route: str) -> Any:
    """The row of the model that the route is about: the first one made, of users the one that is to be changed."""
    model = model_of(route)
    named = {get_user_model(): {"username": "subject"}, Resource: {"pk": "fjordby-byggesak"}}.get(model, {})
    return model._default_manager.filter(**named).order_by("pk")[0]


def is_of_a_row(route: str) -> bool:
    """Whether the route has a row's id in it."""
    return route not in _SAMPLES and _ROW.search(route) is not None


def address(route: str, key: Any = None) -> str:
    """One address that the route answers; that of a row, if it is one's: with this key, or the first."""
    if route in _SAMPLES:
        return "/admin/" + _SAMPLES[route]
    if "<slug:act>" in route:
        kinds: dict[str, Any] = {"letter": Correspondence, "mailing": Mailing}
        row = kinds[route.split("/")[2]].objects.order_by("pk")[0]
        named = str(row.pk if key is None else key)
        return "/admin/" + route.replace("<uuid:pk>", named).replace("<slug:act>", "cancel")
    if _UPLOAD in route:  # somebody else's, whoever asks
        kind = route.partition("/import/")[0].replace("/", ".")
        return "/admin/" + route.replace(_UPLOAD, str(Upload.objects.get(kind=kind).pk))
    if not is_of_a_row(route):
        return "/admin/" + route
    return "/admin/" + _ROW.sub(quote(str(row_of(route).pk if key is None else key)), route)
