"""Pausing and resuming in the back-office: who may, and what is shown."""

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client as DjangoClient

from config.audit.models import AuditEntry
from config.kernel import clock
from correspondence import actions
from correspondence.models import Mailing, Pause
from registry.models import Membership, Resource
from tests.admin.pages import card, page, tile
from tests.clients import Client
from tests.mail import sent, work

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
PAUSES = "/admin/correspondence/pause/"
START = "/admin/"


@pytest.fixture
def people(admin_client: DjangoClient) -> DjangoClient:
    return admin_client


def paused(people: DjangoClient, **terms: str) -> Pause:
    form = {"owner": "", "resource": "", "reason": "Feil logo", **terms}
    assert "Nothing of this goes out until somebody resumes it." in page(people.post(f"{PAUSES}add/", form))
    response = people.post(f"{PAUSES}add/", {**form, "confirmed": "yes"})
    assert response.status_code == 302, response.content.decode()
    return Pause.objects.in_force().latest("pk")


def resume(client: DjangoClient, row: Pause) -> Any:
    form = {"action": "resume", "_selected_action": [row.pk]}
    client.post(PAUSES, form)
    row.refresh_from_db()
    assert row.resumed_at is None  # only asked so far
    return client.post(PAUSES, {**form, "confirmed": "yes", "reason": "Mended"}, follow=True)


def test_somebody_pauses_and_resumes_by_the_buttons(people: DjangoClient, resource: Resource) -> None:
    row = paused(people, resource=resource.pk)
    assert (row.resource, row.owner, row.paused_by, row.reason) == (resource, None, "admin", "Feil logo")

    assert "1 of 1 was in force, and is resumed." in page(resume(people, row))

    row.refresh_from_db()
    assert row.resumed_by == "admin"


def test_what_is_paused_already_is_refused_in_the_form(people: DjangoClient, resource: Resource) -> None:
    paused(people)

    text = page(people.post(f"{PAUSES}add/", {"owner": "", "resource": "", "reason": "Igjen"}))

    assert "This is paused already." in text
    assert Pause.objects.count() == 1


def test_an_owner_and_a_resource_at_once_are_refused(people: DjangoClient, resource: Resource) -> None:
    form = {"owner": str(resource.owner_id), "resource": resource.pk, "reason": "Begge"}

    assert "Name an owner or a resource, not both." in page(people.post(f"{PAUSES}add/", form))


def test_the_start_page_and_the_letters_page_say_who_paused_since_when_and_why(
    people: DjangoClient, sender: Client
) -> None:
    paused(people, reason="Feil logo, meldt av 01818517641")
    [letter_id] = sent(sender)
    work()
    when = "[0-9]+ [A-Z][a-z]+ [0-9]{4}, [0-9]{2}:[0-9]{2}"  # local, and as people write it
    told = rf"Publishing of everything was paused by admin at {when}: Feil logo, meldt av"

    of_letter = page(people.get(f"/admin/correspondence/correspondence/{letter_id}/change/"))
    start = page(people.get(START))

    assert re.search(told, of_letter)
    assert "everything Feil logo, meldt av *********** paused by admin for" in card(start, "pauses")
    assert f"{PAUSES}?resumed_at__isempty=1" in start
    assert "01818517641" not in of_letter + start


def test_what_is_paused_is_no_longer_what_should_be_out(people: DjangoClient, sender: Client) -> None:
    sent(sender)
    paused(people)
    work()

    text = page(people.get(START))

    assert (tile(text, "due")[0], tile(text, "paused")[0]) == ("", "1")
    assert tile(text, "oldest")[0] == "–"


def test_pauses_are_neither_edited_nor_removed(people: DjangoClient) -> None:
    row = paused(people)

    assert people.post(f"{PAUSES}{row.pk}/delete/").status_code == 403
    assert people.post(f"{PAUSES}{row.pk}/change/", {"reason": "Annet"}).status_code == 403
    row.refresh_from_db()
    assert row.reason == "Feil logo"


def clerk(*permissions: str) -> DjangoClient:
    user = get_user_model().objects.create_user("clerk", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = DjangoClient()
    client.force_login(user)
    return client


def test_who_may_only_look_can_neither_pause_nor_resume(people: DjangoClient) -> None:
    row = paused(people)
    looker = clerk("view_pause", "view_every_owner")

    page(looker.get(PAUSES))
    resume(looker, row)
    refused = looker.post(f"{PAUSES}add/", {"owner": "", "resource": "", "reason": "Nei"})

    assert refused.status_code == 403
    assert list(Pause.objects.values_list("resumed_by", flat=True)) == [""]


def test_who_may_change_pauses_can_resume_and_not_pause(people: DjangoClient) -> None:
    row = paused(people)
    changer = clerk("view_pause", "change_pause", "view_every_owner")

    resume(changer, row)

    assert changer.get(f"{PAUSES}add/").status_code == 403
    row.refresh_from_db()
    assert row.resumed_by == "clerk"


def member(resource: Resource, *permissions: str) -> DjangoClient:
    """Who works for the owner of this resource."""
    client = clerk("view_pause", "add_pause", "change_pause", "view_resource", "view_serviceowner", *permissions)
    Membership.objects.create(user=get_user_model().objects.get(username="clerk"), owner=resource.owner)
    return client


def test_who_works_for_one_owner_pauses_and_resumes_what_is_its_and_nothing_else(
    resource: Resource, other_resource: Resource
) -> None:
    clerk = member(resource)

    for terms in ({"resource": resource.pk}, {"owner": str(resource.owner_id)}):
        resume(clerk, paused(clerk, **terms))
    for terms in ({}, {"resource": other_resource.pk}, {"owner": str(other_resource.owner_id)}):
        form = {"owner": "", "resource": "", "reason": "Nei", "confirmed": "yes", **terms}
        page(clerk.post(f"{PAUSES}add/", form))

    assert Pause.objects.count() == 2
    assert not Pause.objects.in_force().exists()


def test_a_pause_of_everything_is_seen_by_all_and_resumed_by_who_sees_every_owner(
    people: DjangoClient, resource: Resource, other_resource: Resource
) -> None:
    everything, others = (
        paused(people, reason="Feil logo"),
        paused(people, resource=other_resource.pk, reason="Hemmelig"),
    )
    clerk = member(resource)

    text = page(clerk.get(PAUSES))
    for row in (everything, others):
        resume(clerk, row)

    assert "Feil logo" in text
    assert "Hemmelig" not in text
    assert Pause.objects.in_force().count() == 2
    assert "Hemmelig" not in clerk.get(f"{PAUSES}{others.pk}/change/", follow=True).content.decode()


def test_the_audit_log_says_who_paused_and_resumed_what_and_why(people: DjangoClient, resource: Resource) -> None:
    resume(people, paused(people, resource=resource.pk))
    resume(people, paused(people))

    found = list(AuditEntry.objects.filter(target_type="correspondence.pause").order_by("pk").values_list(
        "deed", "by", "owner", "reason", "details__what"
    ))  # fmt: skip
    number, what = resource.owner.organization_number, f"resource {resource.pk}"
    assert found == [
        ("paused", "admin", number, "Feil logo", what),
        ("resumed", "admin", number, "Mended", what),
        ("paused", "admin", "", "Feil logo", "everything"),
        ("resumed", "admin", "", "Mended", "everything"),
    ]


def test_the_question_says_how_many_letters_are_held_up(
    people: DjangoClient, sender: Client, resource: Resource
) -> None:
    sent(sender)
    sent(sender)
    work_queue()

    text = page(people.post(f"{PAUSES}add/", {"owner": "", "resource": resource.pk, "reason": "Feil logo"}))

    assert "<dt>Letters in the queue</dt><dd>2</dd>" in text
    assert not Pause.objects.exists()


def work_queue() -> None:
    for mailing in Mailing.objects.unqueued():
        actions.queue_mailing(mailing_id=mailing.pk, now=clock.now())
