"""What nobody needs any more after a purge: when it goes, and what a cut in the middle leaves behind."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError

from attachments.actions import remove_bytes
from attachments.models import Attachment
from attachments.statuses import AttachmentStatus
from config.kernel import clock
from correspondence import actions, tasks
from correspondence.actions.attachments import expire_links
from correspondence.actions.clear import clear_mailings
from correspondence.models import Correspondence, Mailing
from recipients.actions import register_party
from registry.models import Resource
from tests.clients import Client, problem
from tests.concurrency import at_once
from tests.conftest import token
from tests.correspondence.faults import refused
from tests.files import status_of, stored, uploaded
from tests.letters import ORGANIZATION, letter
from tests.mail import has_content, mailing_of, published, sent, with_file
from tests.messages import Messages

DAY = timedelta(days=1)
FAR = "2099-01-01T00:00:00Z"


def clear(letter_id: str, after: timedelta = timedelta()) -> None:
    actions.clear_mailing(mailing_id=mailing_of(letter_id).pk, now=clock.now() + after)


@pytest.fixture
def purged(sender: Client, reader: Client) -> tuple[str, str]:
    """A purged letter and its attachment; nothing is cleared yet."""
    attachment_id = uploaded(sender)
    letter_id = published(sender, with_file(attachment_id))
    assert reader.purge(letter_id).status_code == 200
    return letter_id, attachment_id


def test_a_purge_wakes_the_task_that_clears(sender: Client, reader: Client, messages: Messages) -> None:
    letter_id = published(sender)
    with messages() as woken:
        reader.purge(letter_id)

    assert woken == {"maintenance": 1}
    tasks.clear_mailing(str(mailing_of(letter_id).pk))
    assert not has_content(letter_id)
    assert mailing_of(letter_id).clear_at is None


def test_a_clearing_whose_message_was_lost_is_found_by_the_sweep(purged: tuple[str, str], messages: Messages) -> None:
    letter_id, _ = purged
    with messages() as early:
        actions.sweep(now=clock.now())
    with messages() as woken:
        actions.sweep(now=clock.now() + timedelta(seconds=16))
    with messages() as again:
        actions.sweep(now=clock.now() + timedelta(seconds=17))

    assert (early, woken, again) == ({}, {"maintenance": 1}, {})
    assert has_content(letter_id)


def test_the_sweep_leaves_what_was_purged_long_ago_to_the_retention(
    purged: tuple[str, str], messages: Messages
) -> None:
    """It is looked at daily, by the batch."""
    Mailing.objects.update(purged_at=clock.now() - timedelta(hours=2), clear_at=clock.now() - DAY)

    with messages() as woken:
        actions.sweep(now=clock.now())

    assert woken == {}


def test_all_that_the_sender_wrote_goes_and_what_tells_who_sent_what_stays(
    sender: Client, reader: Client, attachments_folder: Path
) -> None:
    reference = {"referenceType": "Generic", "referenceValue": "sak-1/2"}
    body = letter(
        content__messageSummary="Kort",
        content__messageBody="Hei {{recipientName}}.",
        propertyList={"key": "value"},
        replyOptions=[{"linkURL": "https://example.no", "linkText": "Svar"}],
        notification={"notificationTemplate": "GenericAltinnMessage", "notificationChannel": "Email"},
        externalReferences=[reference],
        messageSender="Fjordby",
    )
    register_party(recipient=ORGANIZATION, name="FJELL AS", now=clock.now())
    letter_id = published(sender, body)
    assert Correspondence.objects.get().recipient_name == "Fjell As"
    before: dict[str, Any] = dict(Mailing.objects.values().get())
    reader.purge(letter_id)

    clear(letter_id)

    after: dict[str, Any] = dict(Mailing.objects.values().get())
    assert {name: value for name, value in after.items() if value != before[name]} == {
        "title": "",
        "summary": "",
        "body": "",
        "property_list": {},
        "reply_options": [],
        "notification": None,
        "purged_at": after["purged_at"],
        "content_erased_at": after["content_erased_at"],
    }
    assert (after["senders_reference"], after["message_sender"]) == ("sak-1", "Fjordby")
    assert after["external_references"] == before["external_references"] != []
    assert Correspondence.objects.get().recipient_name == ""
    assert [entry["status"] for entry in sender.details(letter_id).json()["statusHistory"]] == [
        "Initialized",
        "ReadyForPublish",
        "Published",
    ]


def test_attachments_go_at_once_and_content_when_its_days_are_over(
    sender: Client, reader: Client, resource: Resource
) -> None:
    Resource.objects.update(purged_content_days=30)
    attachment_id = uploaded(sender)
    letter_id = published(sender, with_file(attachment_id))
    reader.purge(letter_id)
    at = mailing_of(letter_id).purged_at
    assert at is not None

    def cleared(after: timedelta) -> tuple[bool, datetime | None]:
        actions.clear_mailing(mailing_id=mailing_of(letter_id).pk, now=at + after)
        return has_content(letter_id), mailing_of(letter_id).clear_at

    assert cleared(timedelta()) == (True, at + DAY)
    assert status_of(attachment_id) == AttachmentStatus.PURGED
    assert cleared(29.5 * DAY) == (True, at + 30 * DAY)
    assert cleared(30 * DAY) == (False, None)


def test_days_that_are_changed_take_effect_within_a_day(sender: Client, reader: Client, settings: Any) -> None:
    settings.KEEP_PURGED_CONTENT_DAYS = 3650
    letter_id = published(sender)
    reader.purge(letter_id)
    clear(letter_id)
    assert has_content(letter_id)

    settings.KEEP_PURGED_CONTENT_DAYS = 0
    actions.apply_retention(now=clock.now())
    assert has_content(letter_id)
    actions.apply_retention(now=clock.now() + DAY)
    assert not has_content(letter_id)


def test_a_lost_message_is_found_by_the_retention(purged: tuple[str, str], attachments_folder: Path) -> None:
    letter_id, attachment_id = purged

    tasks.retention()

    assert not has_content(letter_id)
    assert mailing_of(letter_id).clear_at is None
    assert remove_bytes(attachment_id=UUID(attachment_id), now=clock.now())
    assert stored(attachments_folder) == []


IN_THE_MIDDLE = pytest.mark.parametrize(
    ("table", "condition", "left"),
    [
        ("correspondence_mailing", "NEW.content_erased_at IS NOT NULL", (True, AttachmentStatus.PUBLISHED)),
        ("attachments_attachment", "NEW.status = 3", (False, AttachmentStatus.PUBLISHED)),
        (
            "correspondence_mailing",
            "NEW.clear_at IS NULL AND OLD.clear_at IS NOT NULL",
            (False, AttachmentStatus.PURGED),
        ),
    ],
    ids=["while content is erased", "before the attachments", "after the attachments"],
)


@IN_THE_MIDDLE
@pytest.mark.django_db(transaction=True)
def test_what_is_cut_off_in_the_middle_is_finished_by_the_next_run(
    purged: tuple[str, str], table: str, condition: str, left: tuple[bool, AttachmentStatus]
) -> None:
    """A worker that dies there puts nothing off."""
    letter_id, attachment_id = purged

    with refused(table, "UPDATE", condition), pytest.raises(DatabaseError, match="cannot be changed"):
        clear_mailings(mailing_ids=[mailing_of(letter_id).pk], now=clock.now())
    assert (has_content(letter_id), status_of(attachment_id)) == left
    assert mailing_of(letter_id).clear_at is not None

    actions.apply_retention(now=clock.now())

    assert (has_content(letter_id), status_of(attachment_id)) == (False, AttachmentStatus.PURGED)
    assert mailing_of(letter_id).clear_at is None


@IN_THE_MIDDLE
@pytest.mark.django_db(transaction=True)
def test_what_fails_in_the_middle_is_finished_a_day_later(
    purged: tuple[str, str], table: str, condition: str, left: tuple[bool, AttachmentStatus]
) -> None:
    letter_id, attachment_id = purged

    with refused(table, "UPDATE", condition):
        clear(letter_id)
    assert (has_content(letter_id), status_of(attachment_id)) == left
    assert (mailing_of(letter_id).clear_at or clock.now()) > clock.now() + DAY / 2

    actions.apply_retention(now=clock.now() + DAY)

    assert (has_content(letter_id), status_of(attachment_id)) == (False, AttachmentStatus.PURGED)
    assert mailing_of(letter_id).clear_at is None


def test_twice_is_once(purged: tuple[str, str]) -> None:
    letter_id, _ = purged
    clear(letter_id)
    mailing, attachment = mailing_of(letter_id), Attachment.objects.get()

    clear(letter_id, after=DAY)

    again = mailing_of(letter_id)
    assert (again.content_erased_at, again.clear_at) == (mailing.content_erased_at, None)
    assert Attachment.objects.get().status_changed_at == attachment.status_changed_at
    assert attachment.events.filter(status=AttachmentStatus.PURGED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one(purged: tuple[str, str]) -> None:
    letter_id, _ = purged

    at_once(4, lambda: clear(letter_id))

    assert not has_content(letter_id)
    assert mailing_of(letter_id).clear_at is None
    assert Attachment.objects.get().events.filter(status=AttachmentStatus.PURGED).count() == 1


def test_what_is_not_purged_is_left_alone(sender: Client) -> None:
    attachment_id = uploaded(sender)
    letter_id = published(sender, with_file(attachment_id))

    clear(letter_id, after=36_500 * DAY)

    assert has_content(letter_id)
    assert status_of(attachment_id) == AttachmentStatus.PUBLISHED


def test_a_mailing_that_is_not_there_is_nothing_to_clear(db: None) -> None:
    actions.clear_mailing(mailing_id=UUID(int=0), now=clock.now())


def test_an_attachment_that_only_the_purged_letter_kept_alive_has_expired(sender: Client) -> None:
    attachment_id = uploaded(sender, expirationInDays=14)
    kept = published(sender, with_file(attachment_id))
    [late] = sent(sender, with_file(attachment_id, requestedPublishTime=FAR))
    assert expire_links(now=clock.now() + 15 * DAY) == 0

    assert sender.purge(late).status_code == 200
    clear(late, after=15 * DAY)

    assert status_of(attachment_id) == AttachmentStatus.EXPIRED
    assert has_content(kept)


@pytest.mark.parametrize("days", [0, 30])
def test_an_attachment_of_two_mailings_stays_until_the_last_is_purged(
    sender: Client, reader: Client, resource: Resource, days: int
) -> None:
    Resource.objects.update(purged_content_days=days)
    attachment_id = uploaded(sender)
    first, second = (published(sender, with_file(attachment_id)) for _ in range(2))

    reader.purge(first)
    clear(first, after=30 * DAY)
    assert not has_content(first)
    assert status_of(attachment_id) == AttachmentStatus.PUBLISHED

    reader.purge(second)
    clear(second)
    assert status_of(attachment_id) == AttachmentStatus.PURGED
    assert has_content(second) == bool(days)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["clear", "send"])
def test_a_letter_that_names_the_attachment_at_the_same_moment_has_it_or_is_refused(
    purged: tuple[str, str], resource: Resource, first: str
) -> None:
    letter_id, attachment_id = purged
    calls: list[Callable[[], Any]] = [
        lambda: clear(letter_id),
        lambda: Client(token()).post(with_file(attachment_id)),
    ]
    if first == "send":
        calls.reverse()

    def call() -> Any:
        return calls.pop()()

    answers = at_once(2, call)

    answer = next(answer for answer in answers if answer is not None)
    if answer.status_code == 200:
        assert status_of(attachment_id) == AttachmentStatus.PUBLISHED
    else:
        assert problem(answer) == (400, "CORR-01018")
        assert status_of(attachment_id) == AttachmentStatus.PURGED
    assert not has_content(letter_id)
