"""What is told when a due date comes (contract lifecycle.md §5 and §9), and the other events."""

from datetime import timedelta
from typing import Any

import pytest

from config.kernel import clock
from correspondence import actions
from correspondence.models import Mailing, MailingAttachment
from recipients.models import Party
from tests.clients import Client
from tests.conftest import token
from tests.correspondence.faults import refused
from tests.files import uploaded
from tests.letters import ORGANIZATION, PERSON, letter
from tests.mail import published, sent, work

SOON = (clock.now() + timedelta(hours=1)).isoformat()
LATER = timedelta(hours=2)


@pytest.fixture
def told(caplog: Any, django_capture_on_commit_callbacks: Any) -> Any:
    """The events that a call raises: short names, each with its ids."""

    def during(call: Any) -> list[tuple[str, list[str]]]:
        caplog.clear()
        with django_capture_on_commit_callbacks(execute=True):
            call()
        lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
        return [
            (line["type"].removeprefix("no.altinn.correspondence."), [str(id) for id in line["resource_instances"]])
            for line in lines
            if line["event"] == "event_raised"
        ]

    caplog.set_level("INFO")
    return during


def test_at_the_due_date_it_is_told_what_nobody_read_or_confirmed(sender: Client, reader: Client, told: Any) -> None:
    body = letter(ORGANIZATION, "0192:310080632", "0192:312445735", dueDateTime=SOON, isConfirmationNeeded=True)
    read, confirmed, untouched = sent(sender, body)
    work()
    reader.content(read)
    other = Client(token("310080632", scope="altinn:correspondence.read"))
    other.overview(confirmed)
    other.confirm(confirmed)

    assert told(lambda: actions.check_due_dates(now=clock.now())) == []
    events = told(lambda: actions.check_due_dates(now=clock.now() + LATER))
    assert dict(events) == {
        "correspondencereceiverneverread": [confirmed, untouched],
        "correspondencereceiverneverconfirmed": [read, untouched],
    }
    assert told(lambda: actions.check_due_dates(now=clock.now() + LATER)) == []


def test_confirmation_is_missed_only_where_it_was_asked_for(sender: Client, told: Any) -> None:
    letter_id = published(sender, letter(dueDateTime=SOON))

    assert told(lambda: actions.check_due_dates(now=clock.now() + LATER)) == [
        ("correspondencereceiverneverread", [letter_id])
    ]


def test_what_its_recipient_deleted_unread_was_never_read(sender: Client, reader: Client, told: Any) -> None:
    letter_id = published(sender, letter(dueDateTime=SOON))
    reader.purge(letter_id)

    events = told(lambda: actions.check_due_dates(now=clock.now() + LATER))
    assert events == [("correspondencereceiverneverread", [letter_id])]


def test_what_is_not_out_is_not_told_of(sender: Client, told: Any) -> None:
    sent(sender, letter(dueDateTime="2099-02-01", requestedPublishTime="2099-01-01"))
    sender.purge(sent(sender, letter(dueDateTime=SOON))[0])
    Mailing.objects.update(due_check_at=clock.now())

    assert told(lambda: actions.check_due_dates(now=clock.now())) == []
    assert not Mailing.objects.filter(due_check_at__isnull=False).exists()


def test_a_letter_that_was_reserved_is_not_told_of(sender: Client, told: Any) -> None:
    """Its status stays Reserved, though the reservation was lifted and it went out (contract lifecycle.md §5)."""
    Party.objects.create(urn=PERSON, is_reserved=True)
    _, other = sent(sender, letter(PERSON, ORGANIZATION, dueDateTime=SOON))
    Party.objects.update(is_reserved=False)
    work()

    assert told(lambda: actions.check_due_dates(now=clock.now() + LATER)) == [
        ("correspondencereceiverneverread", [other])
    ]


def test_however_many_mailings_are_due_each_is_told_of_once(sender: Client, told: Any) -> None:
    ids = [letter_id for _ in range(110) for letter_id in sent(sender, letter(dueDateTime=SOON))]
    work()

    events = told(lambda: actions.check_due_dates(now=clock.now() + LATER))
    assert sorted(letter_id for _, told_of in events for letter_id in told_of) == sorted(ids)


def test_the_sweep_looks_at_due_dates(sender: Client, told: Any) -> None:
    letter_id = published(sender, letter(dueDateTime=SOON))

    assert told(lambda: actions.sweep(now=clock.now() + LATER)) == [("correspondencereceiverneverread", [letter_id])]


def test_a_step_of_the_sweep_that_fails_holds_up_no_other(sender: Client, told: Any, caplog: Any) -> None:
    attachment_id = uploaded(sender)
    links = letter(request__existingAttachments=[attachment_id], requestedPublishTime="2099-01-01")
    sent(sender, links)
    MailingAttachment.objects.update(expiration_time=clock.now(), look_at=clock.now())
    letter_id = published(sender, letter(dueDateTime=SOON))

    with refused("attachments_attachment", "UPDATE"):
        events = told(lambda: actions.sweep(now=clock.now() + LATER))

    assert events == [("correspondencereceiverneverread", [letter_id])]
    failed = [record.msg["step"] for record in caplog.records if "sweep_failed" in str(record.msg)]
    assert failed == ["expire_links"]


def test_the_life_of_a_letter_is_told(sender: Client, reader: Client, told: Any) -> None:
    ids: list[str] = []
    assert told(lambda: ids.extend(sent(sender))) == [("correspondenceinitialized", ids)]
    assert told(work) == [("correspondencepublished", ids)]
    assert told(lambda: reader.overview(ids[0])) == []
    assert told(lambda: reader.mark_as_read(ids[0])) == [("correspondencereceiverread", ids)]
    assert told(lambda: reader.confirm(ids[0])) == [("correspondencereceiverconfirmed", ids)]
    assert told(lambda: reader.purge(ids[0])) == [("correspondencepurged", ids)]


def test_a_reserved_letter_is_not_told_of_until_it_fails(sender: Client, told: Any) -> None:
    Party.objects.create(urn=PERSON, is_reserved=True)
    ids: list[str] = []
    assert told(lambda: ids.extend(sent(sender, letter(PERSON, ORGANIZATION)))) == [
        ("correspondenceinitialized", ids[1:])
    ]

    assert told(work) == [("correspondencepublishfailed", ids[:1]), ("correspondencepublished", ids[1:])]
