"""Publishing ends when its time is over, also where every letter of a chunk waits: none of them has done anything."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from config.kernel import clock, queue, shutdown
from correspondence import actions
from correspondence.models import Correspondence, Mailing
from correspondence.statuses import QueueState, Status
from tests.acceptance.waiting import until
from tests.clients import Client
from tests.letters import letter, organizations
from tests.mail import sent
from tests.messages import Messages
from tests.overrunning import RunOutOfTime, table_locked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(60, method="thread")]

HISTORY = "correspondence_statusevent"


@pytest.fixture
def due(sender: Client) -> None:
    """Twenty letters that are to go out."""
    sent(sender, letter(*organizations(20)))
    actions.queue_mailing(mailing_id=Mailing.objects.get().pk, now=clock.now())


@pytest.fixture
def worker_is_to_end() -> Iterator[None]:
    """Until the test is over."""
    yield
    shutdown.forget()


def attempts() -> list[int]:
    """How often each letter that is not out was tried, those tried most first."""
    left = Correspondence.objects.filter(queue_state=QueueState.READY, status=Status.READY_FOR_PUBLISH)
    return sorted(left.values_list("attempts", flat=True), reverse=True)


@pytest.mark.usefixtures("due")
def test_a_chunk_that_took_too_long_ends_the_task_and_counts_against_no_letter(run_out_of_time: RunOutOfTime) -> None:
    with table_locked(HISTORY):
        run_out_of_time(0.5)
        with pytest.raises(queue.TookTooLong):
            actions.publish_due(clock=clock.now)

    assert attempts() == [0] * 20
    until(lambda: actions.publish_due(clock=clock.now) + len(attempts()) == 0)  # the server may lag behind us a little
    assert set(Correspondence.objects.values_list("status", flat=True)) == {Status.PUBLISHED}


@pytest.mark.usefixtures("due")
def test_letters_tried_alone_end_with_their_task(run_out_of_time: RunOutOfTime) -> None:
    with table_locked(HISTORY, waits="300ms"):
        run_out_of_time(0.8)
        with pytest.raises(queue.TookTooLong):
            actions.publish_due(clock=clock.now)

    tried = attempts()
    assert (tried[0], tried[-1]) == (1, 0)
    assert not Correspondence.objects.filter(last_error__contains="SoftTimeLimit").exists()


@pytest.mark.usefixtures("due", "worker_is_to_end")
def test_a_worker_that_is_to_end_tries_no_further_letter_alone(messages: Messages) -> None:
    def now() -> datetime:
        shutdown.begin()  # while the chunk is in hand
        return clock.now()

    with table_locked(HISTORY, waits="100ms"), messages() as woken:
        assert actions.publish_due(clock=now) == 0

    assert attempts() == [1, *[0] * 19]
    assert woken == {"publish": 1}
