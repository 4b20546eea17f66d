"""Publishing is paused for one resource, one owner or all: nothing of it goes out, and all else does."""

from typing import Any
from uuid import UUID

import pytest
from django.core.management.base import CommandError
from django.db import IntegrityError, connection

from config.kernel import clock
from correspondence import actions
from correspondence.gauges import READINGS
from correspondence.models import Correspondence, Pause
from correspondence.statuses import QueueState, Status
from registry.models import ServiceOwner
from tests.clients import Client
from tests.correspondence.pausing import pause, resume
from tests.letters import ORGANIZATION, letter
from tests.mail import history, sent, work
from tests.messages import Messages

WAYS = {"its resource": ("--resource", "fjordby-byggesak"), "its owner": ("--owner", "312295202"), "all": ("--all",)}


def other_letter() -> Any:
    return letter(resourceId="dalen-skatt")


def is_out(letter_id: str) -> bool:
    return Status.PUBLISHED in history(letter_id)


@pytest.mark.parametrize("target", WAYS.values(), ids=WAYS)
def test_a_letter_is_queued_but_does_not_go_out_before_it_is_resumed(sender: Client, target: tuple[str, ...]) -> None:
    pause(*target)
    [letter_id] = sent(sender)

    work()
    assert history(letter_id) == [Status.INITIALIZED, Status.READY_FOR_PUBLISH]

    resume(*target)
    work()
    assert history(letter_id) == [Status.INITIALIZED, Status.READY_FOR_PUBLISH, Status.PUBLISHED]


@pytest.mark.parametrize("target", [WAYS["its resource"], WAYS["its owner"]])
def test_letters_of_others_go_out_behind_many_that_are_paused(
    sender: Client, other_sender: Client, settings: Any, target: tuple[str, ...]
) -> None:
    settings.PUBLISH_CHUNK = 2
    pause(*target)
    held = sent(sender, letter(*[f"0192:{number}" for number in range(100_000_000, 100_000_060)]))
    others = [*sent(other_sender, other_letter()), *sent(other_sender, other_letter())]

    work()

    assert [is_out(letter_id) for letter_id in others] == [True, True]
    assert not any(is_out(letter_id) for letter_id in held)


def test_a_resource_is_paused_whoever_sends_for_it(sender: Client) -> None:
    pause("--resource", "fjordby-byggesak")
    [letter_id] = sent(sender)
    Correspondence.objects.update(owner=ServiceOwner.objects.create(organization_number="310635820", name="Dalen"))

    work()

    assert not is_out(letter_id)


def test_a_recipient_who_asks_for_a_paused_letter_does_not_get_it(sender: Client, reader: Client) -> None:
    pause("--all")
    [letter_id] = sent(sender, letter(ORGANIZATION))
    work()

    assert reader.overview(letter_id).status_code == 404
    resume("--all")
    assert reader.overview(letter_id).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_sweep_wakes_nobody_for_paused_letters_and_resuming_does_at_once(
    sender: Client, messages: Messages
) -> None:
    pause("--owner", "fjordby")
    sent(sender)
    work()

    with messages() as swept:
        actions.sweep(now=clock.now())
    with messages() as resumed:
        resume("--owner", "fjordby")

    assert (swept.get("publish"), resumed.get("publish")) == (None, 1)


def test_two_pauses_hold_until_both_are_resumed(sender: Client) -> None:
    pause("--all")
    pause("--resource", "fjordby-byggesak")
    [letter_id] = sent(sender)

    assert "Still paused: resource fjordby-byggesak." in resume("--all")
    work()
    assert not is_out(letter_id)

    resume("--resource", "fjordby-byggesak")
    work()
    assert is_out(letter_id)


def test_what_is_paused_is_paused_once(resource: Any) -> None:
    for target in WAYS.values():
        pause(*target)
        with pytest.raises(CommandError, match="This is paused already"):
            pause(*target)

    assert Pause.objects.count() == 3


def test_a_pause_that_is_over_is_kept(resource: Any) -> None:
    pause("--all", reason="First")
    resume("--all")
    pause("--all", reason="Second")

    assert [(row.reason, row.resumed_at is None) for row in Pause.objects.all()] == [("Second", True), ("First", False)]


BROKEN = {
    "of an owner and a resource": (
        "UPDATE correspondence_pause SET owner_id = %(owner)s, resource_id = 'fjordby-byggesak'"
    ),
    "for no reason": "UPDATE correspondence_pause SET reason = ''",
    "resumed by nobody": "UPDATE correspondence_pause SET resumed_at = paused_at",
    "resumed before it began": (
        "UPDATE correspondence_pause SET resumed_at = paused_at - interval '1 s', resumed_by = 'x'"
    ),
    "in force twice": (
        "INSERT INTO correspondence_pause (reason, paused_at, paused_by, resumed_by) "
        "SELECT reason, paused_at, paused_by, '' FROM correspondence_pause"
    ),
}


@pytest.mark.parametrize("statement", BROKEN.values(), ids=BROKEN)
def test_the_database_knows_no_pause(statement: str, resource: Any) -> None:
    pause("--all")

    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute(statement, {"owner": resource.owner_id})


def test_unknown_targets_are_told_in_a_sentence(resource: Any) -> None:
    for target, message in {
        ("--resource", "nowhere"): "There is no resource nowhere.",
        ("--owner", "999999999"): "There is no owner 999999999",
        ("--owner", "01818517641"): r"There is no owner \*{11}",
    }.items():
        with pytest.raises(CommandError, match=message):
            pause(*target)
    with pytest.raises(CommandError, match=r"There is no pause of everything\."):
        resume("--all")
    with pytest.raises(CommandError, match="cannot be blank"):
        pause("--all", reason=" ")

    assert not Pause.objects.exists()


@pytest.mark.parametrize("target", WAYS.values(), ids=WAYS)
def test_the_gauges_tell_paused_letters_apart_from_those_that_are_late(
    sender: Client, other_sender: Client, target: tuple[str, ...]
) -> None:
    pause(*target)
    sent(sender)
    work()
    assert queue_gauges() == ({"due": 0, "paused": 1}, 0)

    resume(*target)
    actions.queue_mailing(mailing_id=other_sender_has_sent(other_sender), now=clock.now())
    letters, oldest = queue_gauges()
    assert letters == {"due": 2, "paused": 0}
    assert oldest > 0


def other_sender_has_sent(other_sender: Client) -> UUID:
    [letter_id] = sent(other_sender, other_letter())
    return Correspondence.objects.get(pk=letter_id).mailing_id


def queue_gauges() -> tuple[dict[str, float], float]:
    """Letters that are due or paused, and for how many seconds the oldest has been due."""
    read = {reading.name: reading.read(clock.now()) for reading in READINGS}
    letters, oldest = read["correspondence_queue_letters"], read["correspondence_queue_oldest_seconds"]
    return {state: letters[state] for state in ("due", "paused")}, oldest["due"]


def test_letters_set_aside_stay_so(sender: Client) -> None:
    sent(sender)
    work_is_set_aside()
    pause("--all")

    resume("--all")

    assert Correspondence.objects.get().queue_state == QueueState.SET_ASIDE


def work_is_set_aside() -> None:
    for mailing_id in Correspondence.objects.values_list("mailing", flat=True):
        actions.queue_mailing(mailing_id=mailing_id, now=clock.now())
    Correspondence.objects.update(queue_state=QueueState.SET_ASIDE)
