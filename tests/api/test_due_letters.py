"""A recipient asks for a letter before a worker has been there, before its time, or in vain (lifecycle.md §3, §6)."""

from datetime import timedelta
from threading import Event
from time import sleep

import pytest
from django.db import transaction

from attachments.models import Attachment
from config.kernel import clock
from correspondence import actions
from correspondence.actions.advance import fail_unfinished
from correspondence.models import Correspondence, Mailing
from correspondence.statuses import Status
from tests.clients import Client, problem
from tests.concurrency import at_once
from tests.conftest import token
from tests.files import uploaded
from tests.letters import letter
from tests.mail import history, sent, since, work

FAR = "2099-01-01T00:00:00Z"
READ, WRITE = "altinn:correspondence.read", "altinn:correspondence.write"


def test_what_is_due_goes_out_when_its_recipient_asks(sender: Client, reader: Client) -> None:
    [letter_id] = sent(sender)  # no worker has been there

    answer = reader.overview(letter_id)

    assert (answer.status_code, answer.json()["status"]) == (200, "Published")
    assert history(letter_id) == [Status.INITIALIZED, Status.READY_FOR_PUBLISH, Status.PUBLISHED, Status.FETCHED]
    work()
    assert history(letter_id).count(Status.PUBLISHED) == 1


def test_whoever_asks_at_the_same_moment_for_what_is_due_gets_it(sender: Client, transactional_db: None) -> None:
    for _ in range(10):
        [letter_id] = sent(sender)  # no worker has been there
        calls = ["overview", "content", "overview", "details"]

        def ask(letter_id: str = letter_id, calls: list[str] = calls) -> int:
            return int(getattr(Client(token("314762290", scope=READ)), calls.pop())(letter_id).status_code)

        assert at_once(4, ask) == [200] * 4
        assert history(letter_id)[:3] == [Status.INITIALIZED, Status.READY_FOR_PUBLISH, Status.PUBLISHED]
    assert set(Correspondence.objects.values_list("attempts", flat=True)) == {0}


def test_a_letter_that_was_put_off_while_somebody_held_its_file_goes_out_when_asked_for(
    sender: Client, reader: Client
) -> None:
    [letter_id] = sent(sender)
    actions.queue_mailing(mailing_id=Mailing.objects.get().pk, now=clock.now())
    Correspondence.objects.update(next_try_at=clock.now() + timedelta(minutes=1))

    assert reader.overview(letter_id).status_code == 200


def test_who_asks_for_what_is_due_waits_for_whoever_holds_its_file(sender: Client, transactional_db: None) -> None:
    attachment_id = uploaded(sender)
    [letter_id] = sent(sender, letter(request__existingAttachments=[attachment_id]))
    is_held = Event()

    def hold() -> int:
        with transaction.atomic():
            Attachment.objects.select_for_update().get(pk=attachment_id)
            is_held.set()
            sleep(0.3)
        return 0

    def ask() -> int:
        is_held.wait()
        return int(Client(token("314762290", scope=READ)).overview(letter_id).status_code)

    calls = [hold, ask]

    def either() -> int:
        return calls.pop()()

    assert sorted(at_once(2, either)) == [0, 200]
    assert Correspondence.objects.get().attempts == 0


def test_what_was_put_off_after_an_error_is_not_tried_at_each_look(sender: Client, reader: Client) -> None:
    [letter_id] = sent(sender)
    actions.queue_mailing(mailing_id=Mailing.objects.get().pk, now=clock.now())
    Correspondence.objects.update(attempts=1, next_try_at=clock.now() + timedelta(minutes=1))

    assert problem(reader.overview(letter_id)) == (404, "CORR-01001")
    assert history(letter_id) == [Status.INITIALIZED, Status.READY_FOR_PUBLISH]


@pytest.mark.parametrize("what", ["overview", "details", "content"])
def test_a_letter_for_later_is_not_there_for_its_recipient(sender: Client, reader: Client, what: str) -> None:
    [letter_id] = sent(sender, letter(requestedPublishTime=FAR))
    work()

    assert problem(getattr(reader, what)(letter_id)) == (404, "CORR-01001")
    assert history(letter_id) == [Status.INITIALIZED, Status.READY_FOR_PUBLISH]


def test_a_scope_to_send_does_not_open_what_is_not_out_yet(sender: Client) -> None:
    """As the original has it, a recipient with the scope write sees letters before their time."""
    [letter_id] = sent(sender, letter(requestedPublishTime=FAR))
    both = Client(token("314762290", scope=f"{READ} {WRITE}"))

    assert problem(both.overview(letter_id)) == (404, "CORR-01001")
    Correspondence.objects.update(due_at=clock.now(), next_try_at=clock.now())
    work()
    assert both.overview(letter_id).status_code == 200
    assert since(letter_id) == [Status.FETCHED]


def test_a_letter_that_failed_is_not_there_for_its_recipient(sender: Client, reader: Client) -> None:
    [failed] = sent(sender, letter(requestedPublishTime=FAR))
    fail_unfinished([Correspondence.objects.get(pk=failed).mailing_id], "It was withdrawn", clock.now())

    assert problem(reader.overview(failed)) == (404, "CORR-01001")
    assert problem(reader.mark_as_read(failed)) == (404, "CORR-01001")
    assert problem(reader.confirm(failed)) == (404, "CORR-01001")
    assert problem(reader.purge(failed)) == (404, "CORR-01001")
