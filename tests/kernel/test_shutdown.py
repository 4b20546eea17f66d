"""A worker that is to end: all of its processes know, those forked before included."""

import multiprocessing
from collections.abc import Iterator
from typing import Any

import pytest

from config.kernel import clock, shutdown
from correspondence import actions
from correspondence.models import Correspondence
from correspondence.statuses import QueueState
from tests.clients import Client
from tests.letters import letter, organizations
from tests.mail import sent, work
from tests.messages import Messages


@pytest.fixture(autouse=True)
def not_begun() -> Iterator[None]:
    yield
    shutdown.forget()


def tell(begun: Any, answers: Any) -> None:
    answers.put(shutdown.is_under_way())
    begun.wait()
    answers.put(shutdown.is_under_way())


def test_a_process_that_was_forked_before_knows_of_it() -> None:
    fork = multiprocessing.get_context("fork")
    begun, answers = fork.Event(), fork.Queue()
    child = fork.Process(target=tell, args=(begun, answers))
    child.start()
    before = answers.get(timeout=30)

    shutdown.begin()
    begun.set()

    assert (before, answers.get(timeout=30)) == (False, True)
    child.join()


def test_how_long_ago_it_was_asked_for_counts() -> None:
    shutdown.begin()

    assert shutdown.is_under_way(for_seconds=0)
    assert not shutdown.is_under_way(for_seconds=3600)


@pytest.mark.django_db(transaction=True)
def test_publishing_takes_up_nothing_more_and_wakes_another_worker(sender: Client, messages: Messages) -> None:
    sent(sender, letter(*organizations(3), requestedPublishTime="2099-01-01T00:00:00Z"))
    work()
    Correspondence.objects.update(due_at=clock.now(), next_try_at=clock.now())
    shutdown.begin()

    with messages() as woken:
        assert actions.publish_due(clock=clock.now) == 0

    assert woken == {"publish": 1}
    assert Correspondence.objects.filter(queue_state=QueueState.READY).count() == 3
