"""Letters in every state that something may be done with, and people who do it."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client as DjangoClient

from config.kernel import clock
from correspondence import actions
from correspondence.actions.advance import mark_failed
from correspondence.models import BulkJob, Correspondence
from correspondence.statuses import QueueState
from registry.models import ServiceOwner
from tests.admin.pages import page
from tests.clients import Client
from tests.letters import letter
from tests.mail import mailing_of, sent

LETTERS = "/admin/correspondence/correspondence/"
JOBS = "/admin/correspondence/bulkjob/"
LATER = timedelta(days=7)


def queued(sender: Client, body: dict[str, Any] | None = None) -> list[str]:
    """Letters that are ready."""
    ids = sent(sender, body)
    actions.queue_mailing(mailing_id=mailing_of(ids[0]).pk, now=clock.now())
    return ids


def scheduled(sender: Client, *recipients: str, **members: Any) -> list[str]:
    """Letters for next week."""
    return queued(sender, letter(*recipients, requestedPublishTime=(clock.now() + LATER).isoformat(), **members))


def failed(sender: Client, body: dict[str, Any] | None = None) -> list[str]:
    """Letters that have failed for good."""
    ids = queued(sender, body)
    mark_failed([Correspondence.objects.get(pk=each).pk for each in ids], "The recipient is not there", clock.now())
    return ids


def set_aside(sender: Client, body: dict[str, Any] | None = None) -> list[str]:
    """Letters that were given up."""
    ids = queued(sender, body)
    Correspondence.objects.filter(pk__in=ids).update(
        queue_state=QueueState.SET_ASIDE, attempts=5, last_error="boom", next_try_at=clock.now() + LATER
    )
    return ids


def worker(name: str, owner: ServiceOwner | None, *permissions: str) -> DjangoClient:
    """Somebody who works for this owner, logged in."""
    user = get_user_model().objects.create_user(name, password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    if owner is not None:
        user.memberships.create(owner=owner)
    client = DjangoClient()
    client.force_login(user)
    return client


def caseworker(owner: ServiceOwner | None, name: str = "kari") -> DjangoClient:
    """Who may act on the letters of this owner."""
    return worker(name, owner, "view_correspondence", "change_correspondence", "view_mailing")


def chosen(client: DjangoClient, act: str, ids: list[str]) -> tuple[str, str]:
    """The address of the question that an action of the list leads to, and what it asks."""
    answer = client.post(LETTERS, {"action": act, "_selected_action": ids}, follow=True)
    assert answer.redirect_chain, "no question was asked"
    return answer.redirect_chain[-1][0], page(answer)


def done(client: DjangoClient, act: str, ids: list[str], reason: str = "Feil logo") -> str:
    """The job's page after somebody chose letters from the list and said yes."""
    address, _ = chosen(client, act, ids)
    return page(client.post(address, {"reason": reason}, follow=True))


def the_job() -> BulkJob:
    return BulkJob.objects.get()
