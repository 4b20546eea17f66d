"""`manage.py queue`, as operators use it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management.base import CommandError

from config.kernel import clock
from correspondence import actions
from correspondence.models import Correspondence, Mailing
from correspondence.statuses import QueueState
from tests.clients import Client
from tests.commands import run
from tests.correspondence.pausing import pause
from tests.letters import letter, organizations
from tests.mail import sent, work
from tests.messages import NOBODY, Messages

FAR = "2099-01-01T00:00:00Z"
NOTHING = {"waiting": 0, "due": 0, "paused": 0, "held_up": 0, "set_aside": 0, "scheduled": 0}


def status(*options: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run("queue", "status", "--json", *options))
    return answer


def queue_all() -> None:
    for mailing in Mailing.objects.unqueued():
        actions.queue_mailing(mailing_id=mailing.pk, now=clock.now())


@pytest.fixture
def one_of_each(sender: Client, other_sender: Client) -> None:
    """Ten letters of the sender, one in each state and two scheduled or due; two of another, which is paused."""
    sent(sender, letter(*organizations(2), requestedPublishTime=FAR))
    ids = sent(sender, letter(*organizations(4)))
    sent(other_sender, letter(*organizations(2), resourceId="dalen-skatt"))
    queue_all()
    Correspondence.objects.filter(pk=ids[0]).update(queue_state=QueueState.SET_ASIDE, last_error="Sprengt")
    later = clock.now() + timedelta(hours=1)
    Correspondence.objects.filter(pk=ids[1]).update(attempts=2, next_try_at=later, last_error="Trygt")
    sent(sender, letter(*organizations(3)))
    pause("--resource", "dalen-skatt", reason="Feil vedlegg, sier 01818517641")


def test_status_counts_each_letter_once(one_of_each: None) -> None:
    found = status("--by", "resource")

    assert found["counts"] == {
        "waiting": 3, "due": 2, "paused": 2, "held_up": 1, "set_aside": 1, "scheduled": 2,
    }  # fmt: skip
    assert [(row["owner"], row["resource"]) for row in found["by_resource"]] == [
        ("310635820", "dalen-skatt"),
        ("312295202", "fjordby-byggesak"),
    ]
    assert found["by_resource"][0]["counts"] == {**NOTHING, "paused": 2}
    assert found["by_resource"][0]["oldest_waiting_seconds"] is None
    assert set(found) == {
        "counts", "oldest_waiting_seconds", "messages", "workers", "pauses", "by_resource",
    }  # fmt: skip


def test_status_is_asked_of_one_owner_or_resource(one_of_each: None) -> None:
    assert status("--owner", "dalen")["counts"] == {**NOTHING, "paused": 2}
    assert status("--resource", "urn:altinn:resource:dalen-skatt")["counts"] == {**NOTHING, "paused": 2}
    assert len(status("--by", "owner")["by_owner"]) == 2


def test_status_for_people_names_what_is_paused_and_masks_person_numbers(one_of_each: None) -> None:
    text = run("queue", "status")

    assert "resource dalen-skatt, since" in text
    assert "Feil vedlegg, sier ***********" in text
    assert "01818517641" not in text
    assert "No worker answers." in text


@pytest.mark.django_db
def test_status_without_a_broker_tells_what_the_database_knows(broker_at: Callable[[str], None]) -> None:
    broker_at(NOBODY)

    assert status()["messages"] is None
    assert "The broker cannot be reached" in run("queue", "status")


@pytest.mark.django_db
def test_requeue_without_a_broker_does_not_say_that_anybody_was_woken(broker_at: Callable[[str], None]) -> None:
    broker_at(NOBODY)

    with pytest.raises(CommandError, match="The broker cannot be reached, and nobody was woken") as error:
        run("queue", "requeue")
    assert error.value.returncode == 2


def test_retry_gives_those_that_were_set_aside_another_round(one_of_each: None) -> None:
    assert "Set aside: 1. Nothing was changed." in run("queue", "retry", "--all", "--dry-run")
    assert Correspondence.objects.set_aside().count() == 1

    assert run("queue", "retry", "--owner", "dalen") == "Ready again: 0."
    assert run("queue", "retry", "--owner", "312295202") == "Ready again: 1."
    assert Correspondence.objects.set_aside().count() == 0


def test_retry_takes_ids_of_letters_and_of_mailings(one_of_each: None) -> None:
    found = Correspondence.objects.set_aside().get()

    for text in (str(found.pk), str(found.mailing_id)):
        Correspondence.objects.filter(pk=found.pk).update(queue_state=QueueState.SET_ASIDE)
        assert json.loads(run("queue", "retry", text, "--json")) == {"retried": 1}


def test_what_cannot_be_retried_is_told_in_a_sentence(one_of_each: None) -> None:
    waiting = Correspondence.objects.waiting().values_list("pk", flat=True)[0]
    for words, message in {
        ("01818517641",): r"\*{11} is no id",
        ("01990000-0000-7000-8000-000000000000",): "There is no letter and no mailing with the id",
        (str(waiting),): "Nothing of .* is set aside: it is waiting to be queued",
        (): "Name letters by their ids, or",
        (str(waiting), "--all"): "Name letters by their ids, or",
    }.items():
        with pytest.raises(CommandError, match=message):
            run("queue", "retry", *words)


@pytest.mark.django_db(transaction=True)
def test_requeue_wakes_workers_for_what_waits_and_what_is_due(sender: Client, messages: Messages) -> None:
    sent(sender)
    queue_all()
    sent(sender)

    with messages() as woken:
        assert json.loads(run("queue", "requeue", "--json")) == {"mailings": 1, "publishers": 1, "left": 0}

    assert woken == {"queue": 1, "publish": 1, "sweep": 2}


def test_drain_ends_at_once_where_nothing_that_is_due_is_left(sender: Client) -> None:
    sent(sender)
    sent(sender, letter(requestedPublishTime=FAR))
    work()

    assert "Nothing that is due is left" in run("queue", "drain")
    assert "scheduled 1" in run("queue", "drain")


def test_drain_gives_up_after_its_time_and_says_what_is_left(sender: Client) -> None:
    sent(sender, letter(*organizations(2)))

    with pytest.raises(CommandError, match="2 are left: waiting 2, due 0, held up by errors 0") as error:
        run("queue", "drain", "--timeout", "0")
    assert error.value.returncode == 1


def test_drain_waits_for_nothing_that_is_paused(one_of_each: None) -> None:
    assert "paused 2" in run("queue", "drain", "--owner", "dalen")


def test_what_is_stored_for_later_is_scheduled_and_the_oldest_of_all_lanes_is_told(
    sender: Client, other_sender: Client
) -> None:
    sent(sender, letter(requestedPublishTime=FAR))  # and nobody has queued it yet
    [old] = sent(sender)
    sent(other_sender, letter(resourceId="dalen-skatt"))
    Correspondence.objects.filter(pk=old).update(due_at=clock.now() - timedelta(hours=2))

    found = status()

    assert found["counts"] == {**NOTHING, "waiting": 2, "scheduled": 1}
    assert 7200 <= found["oldest_waiting_seconds"] < 7300


def test_a_queue_is_not_drained_while_a_letter_is_tried_again(sender: Client) -> None:
    sent(sender)
    queue_all()
    Correspondence.objects.update(attempts=1, next_try_at=clock.now() + timedelta(hours=1))

    with pytest.raises(CommandError, match="1 are left: waiting 0, due 0, held up by errors 1"):
        run("queue", "drain", "--timeout", "0")
