"""What is kept, for how long, and what goes when that is over (docs/retention.md)."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from attachments.models import Attachment
from attachments.statuses import AttachmentStatus
from config.kernel import clock
from correspondence import actions
from correspondence.actions import batches
from correspondence.actions.advance import fail_unfinished
from correspondence.models import Correspondence, IdempotencyKey, Mailing
from correspondence.statuses import QueueState, Status
from recipients.actions import register_party
from registry.models import Resource
from tests.clients import Client, problem
from tests.correspondence.retaining import DAY, KEY, SECOND, remove_all_bytes, rows, run
from tests.files import MD5, initialized, status_of, stored, uploaded
from tests.letters import ORGANIZATION, letter, organizations
from tests.mail import has_content, history, mailing_of, published, sent, with_file, work
from tests.starting import start


def publish_time(letter_id: str) -> datetime:
    mailing = mailing_of(letter_id)
    return max(mailing.created_at, mailing.requested_publish_time)


# --- content ---------------------------------------------------------------------------------------------------------


def test_unless_a_setting_says_so_nothing_goes_but_what_was_purged_and_keys(sender: Client, reader: Client) -> None:
    due = (clock.now() + DAY).isoformat()
    kept = published(sender, letter(dueDateTime=due, request__idempotentKey=KEY))
    assert sender.upload(initialized(sender, checksum=MD5), b"other bytes").status_code == 400
    purged = published(sender)
    reader.purge(purged)

    run(clock.now() + 36_000 * DAY)

    assert (has_content(kept), has_content(purged)) == (True, False)
    assert (Mailing.objects.count(), Attachment.objects.count(), IdempotencyKey.objects.count()) == (2, 1, 0)


def test_content_goes_so_many_days_after_publishing_and_letters_stay_readable(
    sender: Client, reader: Client, settings: Any, attachments_folder: Path
) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = 30
    register_party(recipient=ORGANIZATION, name="FJELL AS", now=clock.now())
    attachment_id = uploaded(sender)
    body = with_file(attachment_id, propertyList={"a": "b"}, content__messageBody="Til {{recipientName}}.")
    letter_id = published(sender, body)

    run(publish_time(letter_id) + 30 * DAY - SECOND)
    assert has_content(letter_id)
    assert Correspondence.objects.get().recipient_name == "Fjell As"
    assert status_of(attachment_id) == AttachmentStatus.PUBLISHED

    run(publish_time(letter_id) + 30 * DAY)

    answer = reader.overview(letter_id).json()
    content = answer["content"]
    assert (content["messageTitle"], content["messageSummary"], content["messageBody"]) == ("", "", "")
    assert (answer["propertyList"], answer["replyOptions"], answer["sendersReference"]) == ({}, [], "sak-1")
    assert reader.content(letter_id).content == b""
    assert problem(reader.fetch(letter_id, attachment_id)) == (400, "CORR-02019")
    assert mailing_of(letter_id).clear_at is None
    assert Correspondence.objects.get().recipient_name == ""
    remove_all_bytes()
    assert stored(attachments_folder) == []
    assert reader.purge(letter_id).status_code == 200


def test_a_publish_time_that_was_asked_for_counts(sender: Client, settings: Any) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = 1
    later = clock.now() + 10 * DAY
    [letter_id] = sent(sender, letter(requestedPublishTime=later.isoformat()))
    work()
    actions.publish_due(clock=lambda: later)
    assert Status.PUBLISHED in history(letter_id)

    run(later + DAY - SECOND)
    assert has_content(letter_id)
    run(later + DAY)
    assert not has_content(letter_id)


def test_a_publish_time_in_the_past_does_not(sender: Client, settings: Any) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = 10
    letter_id = published(sender, letter(requestedPublishTime="2020-01-01T00:00:00Z"))

    run(clock.now())

    assert has_content(letter_id)


@pytest.mark.parametrize("state", [QueueState.WAITING, QueueState.READY, QueueState.SET_ASIDE])
def test_content_stays_while_one_letter_is_in_the_queue(sender: Client, settings: Any, state: QueueState) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = settings.KEEP_EXPIRED_CONTENT_DAYS = 0
    _, last = sent(sender, letter(*organizations(2), dueDateTime=(clock.now() + DAY).isoformat()))
    work()
    Correspondence.objects.filter(pk=last).update(queue_state=state, status=Status.READY_FOR_PUBLISH)

    run(clock.now() + 2 * DAY)
    assert has_content(last)

    Correspondence.objects.update(queue_state=QueueState.DONE)
    run(clock.now() + 2 * DAY)
    assert not has_content(last)


def test_a_letter_that_is_stuck_in_the_queue_holds_up_no_other(
    sender: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_MOST_MAILINGS", 1)
    settings.KEEP_PUBLISHED_CONTENT_DAYS = 0
    [stuck] = sent(sender)
    work()
    Correspondence.objects.update(queue_state=QueueState.SET_ASIDE, status=Status.READY_FOR_PUBLISH)
    other = published(sender)

    run(clock.now())

    assert (has_content(stuck), has_content(other)) == (True, False)


def test_what_was_never_published_goes_at_the_same_age(sender: Client, settings: Any) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = 30
    [letter_id] = sent(sender)
    fail_unfinished([mailing_of(letter_id).pk], "It was withdrawn", clock.now())

    run(publish_time(letter_id) + 30 * DAY - SECOND)
    assert has_content(letter_id)
    run(publish_time(letter_id) + 30 * DAY)
    assert not has_content(letter_id)


def test_content_goes_so_many_days_after_its_due_date(sender: Client, settings: Any) -> None:
    settings.KEEP_EXPIRED_CONTENT_DAYS = 10
    due = clock.now() + DAY
    letter_id, without = published(sender, letter(dueDateTime=due.isoformat())), published(sender)

    run(due + 10 * DAY - SECOND)
    assert has_content(letter_id)
    run(due + 10 * DAY)
    assert (has_content(letter_id), has_content(without)) == (False, True)


def test_the_rule_that_comes_first_counts(sender: Client, settings: Any) -> None:
    settings.KEEP_EXPIRED_CONTENT_DAYS, settings.KEEP_PUBLISHED_CONTENT_DAYS = 0, 30
    soon, late = (published(sender, letter(dueDateTime=(clock.now() + days * DAY).isoformat())) for days in (10, 50))

    run(clock.now() + 11 * DAY)
    assert (has_content(soon), has_content(late)) == (False, True)
    run(clock.now() + 31 * DAY)
    assert not has_content(late)


def test_a_due_date_at_the_end_of_time_is_no_fault(sender: Client, settings: Any) -> None:
    settings.KEEP_EXPIRED_CONTENT_DAYS = settings.KEEP_PUBLISHED_CONTENT_DAYS = 36_500
    letter_id = published(sender, letter(dueDateTime="9999-12-31T23:59:59Z"))

    run(clock.now())

    assert has_content(letter_id)


@pytest.mark.parametrize(
    ("own", "general", "gone"), [(1, None, True), (1, 100, True), (100, 1, False), (None, 1, True)]
)
def test_a_resources_own_days_come_before_the_setting(
    sender: Client, settings: Any, own: int | None, general: int | None, gone: bool
) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = general
    letter_id = published(sender)
    Resource.objects.update(published_content_days=own)

    run(clock.now() + 2 * DAY)

    assert has_content(letter_id) != gone


def test_one_resources_days_are_not_anothers(sender: Client, other_sender: Client) -> None:
    ours, theirs = published(sender), published(other_sender, letter(resourceId="dalen-skatt"))
    Resource.objects.filter(pk="dalen-skatt").update(published_content_days=1)

    run(clock.now() + 2 * DAY)

    assert (has_content(ours), has_content(theirs)) == (True, False)


def test_an_attachment_stays_while_a_letter_with_content_carries_it(sender: Client, settings: Any) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = 30
    attachment_id = uploaded(sender)
    first, second = (published(sender, with_file(attachment_id)) for _ in range(2))
    Mailing.objects.filter(pk=mailing_of(second).pk).update(created_at=clock.now() + 10 * DAY)

    run(clock.now() + 35 * DAY)
    assert (has_content(first), status_of(attachment_id)) == (False, AttachmentStatus.PUBLISHED)
    run(clock.now() + 45 * DAY)
    assert (has_content(second), status_of(attachment_id)) == (False, AttachmentStatus.PURGED)


# --- history ---------------------------------------------------------------------------------------------------------


def test_history_goes_for_good_so_many_days_after_the_content(
    sender: Client, short_histories: None, attachments_folder: Path
) -> None:
    attachment_id = uploaded(sender)
    letter_id = published(sender, with_file(attachment_id))
    at = publish_time(letter_id)
    run(at + 10 * DAY)
    remove_all_bytes()

    run(at + 30 * DAY - SECOND)
    assert sender.details(letter_id).status_code == 200
    assert rows()[:2] == (1, 1)

    run(at + 30 * DAY)
    assert rows() == (0,) * 6
    assert problem(sender.details(letter_id)) == (404, "CORR-01001")
    assert problem(sender.attachment(attachment_id)) == (404, "CORR-02001")


def test_history_stays_while_its_idempotency_key_does(sender: Client, short_histories: None) -> None:
    body = letter(request__idempotentKey=KEY)
    at = publish_time(published(sender, body))
    run(at + 10 * DAY)

    run(at + 90 * DAY - SECOND)
    assert problem(sender.post(body)) == (409, "CORR-01034")

    run(at + 90 * DAY)  # of one run the key may go after the histories
    run(at + 90 * DAY)
    assert rows() == (0,) * 6
    assert sender.post(body).status_code == 200


def test_history_stays_while_bytes_do(sender: Client, short_histories: None, attachments_folder: Path) -> None:
    """A storage that is down has been told of its attachments only."""
    letter_id = published(sender, with_file(uploaded(sender)))
    at = publish_time(letter_id)
    run(at + 10 * DAY)

    run(at + 300 * DAY)
    assert rows()[:2] == (1, 1)

    remove_all_bytes()
    run(at + 300 * DAY)
    assert rows() == (0,) * 6


def test_an_attachments_row_goes_with_the_last_mailing_that_carried_it(sender: Client, short_histories: None) -> None:
    attachment_id = uploaded(sender)
    first, second = (published(sender, with_file(attachment_id)) for _ in range(2))
    at = publish_time(first)
    Mailing.objects.filter(pk=mailing_of(second).pk).update(created_at=at + 5 * DAY)
    for days in (10, 15):
        run(at + days * DAY)
    remove_all_bytes()

    run(at + 30 * DAY)
    assert rows()[:5] == (1, 1, 3, 1, 1)
    run(at + 35 * DAY)
    assert rows() == (0,) * 6


def test_attachments_that_were_in_no_letter_go_when_they_have_ended(
    sender: Client, resource: Resource, attachments_folder: Path
) -> None:
    Resource.objects.update(history_days=20)
    failed, waiting = initialized(sender, checksum=MD5), initialized(sender)
    deleted, never_sent = uploaded(sender), uploaded(sender)
    assert sender.upload(failed, b"other bytes").status_code == 400
    sender.delete_attachment(deleted)
    remove_all_bytes()

    run(clock.now() + 19 * DAY)
    assert Attachment.objects.count() == 4
    run(clock.now() + 21 * DAY)

    assert {str(pk) for pk in Attachment.objects.values_list("pk", flat=True)} == {waiting, never_sent}
    assert len(stored(attachments_folder)) == 1


def test_attachments_that_a_kept_mailing_carries_stay(
    sender: Client, reader: Client, resource: Resource, attachments_folder: Path
) -> None:
    Resource.objects.update(history_days=0, purged_content_days=30)
    carried, unsent = uploaded(sender), uploaded(sender)
    reader.purge(published(sender, with_file(carried)))
    sender.delete_attachment(unsent)
    run(clock.now())
    remove_all_bytes()

    run(clock.now())

    assert [str(pk) for pk in Attachment.objects.values_list("pk", flat=True)] == [carried]
    assert status_of(carried) == AttachmentStatus.PURGED


def test_a_resources_own_days_of_history_come_before_the_setting(sender: Client, short_histories: None) -> None:
    Resource.objects.update(history_days=0)
    letter_id = published(sender)

    run(publish_time(letter_id) + 10 * DAY)

    assert rows() == (0,) * 6


# --- keys ------------------------------------------------------------------------------------------------------------


def test_a_key_is_kept_for_90_days(sender: Client) -> None:
    body = letter(request__idempotentKey=KEY)
    sent(sender, body)
    used = IdempotencyKey.objects.get().created_at

    run(used + 90 * DAY - SECOND)
    assert problem(sender.post(body)) == (409, "CORR-01034")
    run(used + 90 * DAY)
    assert sender.post(body).status_code == 200
    assert Mailing.objects.count() == 2


def test_keys_may_be_kept_for_longer(sender: Client, settings: Any) -> None:
    settings.KEEP_IDEMPOTENCY_KEYS_DAYS = 365
    sent(sender, letter(request__idempotentKey=KEY))

    run(clock.now() + 364 * DAY)

    assert IdempotencyKey.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("KEEP_IDEMPOTENCY_KEYS_DAYS", "89", "KEEP_IDEMPOTENCY_KEYS_DAYS is at least 90"),
        ("KEEP_PURGED_CONTENT_DAYS", "-1", "KEEP_PURGED_CONTENT_DAYS is 0 to 36500 days."),
        ("KEEP_EXPIRED_CONTENT_DAYS", "36501", "KEEP_EXPIRED_CONTENT_DAYS is 0 to 36500 days."),
        ("KEEP_PUBLISHED_CONTENT_DAYS", "-1", "KEEP_PUBLISHED_CONTENT_DAYS is 0 to 36500 days."),
        ("KEEP_HISTORY_DAYS", "-1", "KEEP_HISTORY_DAYS is 0 to 36500 days."),
        ("KEEP_HISTORY_DAYS", "ever", "KEEP_HISTORY_DAYS"),
    ],
)
def test_days_that_make_no_sense_stop_the_start(name: str, value: str, fault: str) -> None:
    assert fault in start({name: value})


@pytest.mark.parametrize(
    "name",
    [
        "KEEP_PURGED_CONTENT_DAYS",
        "KEEP_EXPIRED_CONTENT_DAYS",
        "KEEP_PUBLISHED_CONTENT_DAYS",
        "KEEP_HISTORY_DAYS",
    ],
)
def test_an_empty_variable_means_for_ever(name: str) -> None:
    """As compose files hand it on; what is said is of another one."""
    said = start({name: "", "KEEP_IDEMPOTENCY_KEYS_DAYS": "89"})
    assert "ImproperlyConfigured: KEEP_IDEMPOTENCY_KEYS_DAYS is at least 90" in said


def test_content_of_deleted_letters_may_be_kept_for_ever(sender: Client, reader: Client, settings: Any) -> None:
    settings.KEEP_PURGED_CONTENT_DAYS = None
    letter_id = published(sender)
    reader.purge(letter_id)

    for days in (0, 1, 1_000):
        run(clock.now() + days * DAY)

    assert has_content(letter_id)
