"""How the retention is done: in batches, in time, with others beside it, on indexes (docs/retention.md)."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attachments.models import Attachment, AttachmentStatusEvent
from attachments.statuses import AttachmentStatus
from config.kernel import clock
from correspondence import tasks
from correspondence.actions import batches, retention
from correspondence.actions.remove_history import IS_CARRIED, IS_HELD
from correspondence.models import Correspondence, IdempotencyKey, Mailing
from tests.clients import Client
from tests.concurrency import at_once
from tests.correspondence.faults import refused
from tests.correspondence.retaining import DAY, KEY, SECOND, remove_all_bytes, rows, run
from tests.files import initialized, uploaded
from tests.letters import letter, organizations
from tests.mail import has_content, mailing_of, published, sent, with_file, work


def test_it_goes_on_batch_by_batch(
    sender: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(batches, "_MOST_MAILINGS", 2)
    monkeypatch.setattr(batches, "_MOST_LETTERS", 5)
    settings.KEEP_PUBLISHED_CONTENT_DAYS = settings.KEEP_HISTORY_DAYS = 0
    for count in (1, 6, 3, 1, 1):
        sent(sender, letter(*organizations(count)))
    work()

    caplog.set_level("INFO")
    tasks.retention()

    assert rows() == (0,) * 6
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [line["count"] for line in lines if line["event"] == "content_erased"] == [1, 1, 2, 1]


def test_the_number_of_statements_does_not_depend_on_the_number_of_mailings_and_letters(
    sender: Client, settings: Any
) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = settings.KEEP_HISTORY_DAYS = 0

    def statements(mailings: int, letters: int) -> int:
        for _ in range(mailings):
            published(sender, letter(*organizations(letters)))
        with CaptureQueriesContext(connection) as queries:
            run(clock.now())
        assert rows() == (0,) * 6
        return len(queries)

    assert statements(1, 1) == statements(10, 1) == statements(1, 300)


def test_a_run_ends_in_time_and_the_next_one_goes_on(
    sender: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = 0
    letter_id = published(sender)

    with monkeypatch.context() as patch:
        patch.setattr(retention, "_MOST_SECONDS", 0)
        run(clock.now())
    assert has_content(letter_id)
    assert "retention_not_finished" in caplog.text

    run(clock.now())
    assert not has_content(letter_id)


@pytest.mark.parametrize("what", ["content", "history"])
def test_a_mailing_that_can_not_be_changed_holds_up_no_other_and_is_tried_again(
    sender: Client, settings: Any, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = 0
    first, second = published(sender), published(sender)
    bad, now = mailing_of(first).pk, clock.now()
    if what == "history":
        run(now)
        settings.KEEP_HISTORY_DAYS = 0
    change, condition = {
        "content": ("UPDATE", f"NEW.id = '{bad}' AND NEW.content_erased_at IS NOT NULL"),
        "history": ("DELETE", f"OLD.id = '{bad}'"),
    }[what]

    def is_done(letter_id: str) -> bool:
        is_there = Correspondence.objects.filter(pk=letter_id).exists()
        return not has_content(letter_id) if what == "content" else not is_there

    with refused("correspondence_mailing", change, condition):
        run(now)
    assert (is_done(first), is_done(second)) == (False, True)
    assert f"'mailing_id': UUID('{bad}')" in caplog.text

    run(now + DAY - SECOND)
    assert not is_done(first)
    for _ in range(2):  # what was put off is looked at first, and then found again
        run(now + DAY)
    assert is_done(first)


def test_a_kind_that_fails_as_a_whole_holds_up_no_other(sender: Client, reader: Client) -> None:
    purged = published(sender)
    reader.purge(purged)
    sent(sender, letter(request__idempotentKey=KEY))

    with refused("correspondence_idempotencykey", "DELETE"):
        run(clock.now() + 91 * DAY)

    assert not has_content(purged)
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_are_one(sender: Client, settings: Any) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS, settings.KEEP_HISTORY_DAYS = 1, 1
    attachment_id = uploaded(sender)
    letters = [published(sender, with_file(attachment_id)) for _ in range(8)]
    now = clock.now()

    at_once(3, lambda: run(now + 2 * DAY))
    assert not any(has_content(letter_id) for letter_id in letters)
    assert AttachmentStatusEvent.objects.filter(status=AttachmentStatus.PURGED).count() == 1

    remove_all_bytes()
    at_once(3, lambda: run(now + 4 * DAY))
    assert rows() == (0,) * 6


@pytest.mark.django_db(transaction=True)
def test_a_recipient_who_looks_while_the_history_goes_harms_nothing(
    sender: Client, reader: Client, settings: Any
) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = settings.KEEP_HISTORY_DAYS = 0
    letter_id, now = published(sender), clock.now()
    calls: list[Callable[[], Any]] = [lambda: run(now), lambda: reader.details(letter_id)]

    def call() -> Any:
        return calls.pop()()

    at_once(2, call)
    run(now + 2 * DAY)

    assert rows() == (0,) * 6


def test_what_was_done_is_logged_with_ids(sender: Client, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = settings.KEEP_HISTORY_DAYS = 0
    mailing_id = mailing_of(published(sender, letter("01818517641"))).pk
    caplog.clear()
    caplog.set_level(logging.INFO)

    run(clock.now())

    assert [line for line in caplog.messages if "content_erased" in line and str(mailing_id) in line]
    assert [line for line in caplog.messages if "histories_removed" in line and str(mailing_id) in line]
    assert "01818517641" not in caplog.text


FILL = """
    INSERT INTO correspondence_mailing
    SELECT made.*
    FROM correspondence_mailing m, generate_series(1, 20000) n,
    LATERAL jsonb_populate_record(m, jsonb_build_object(
        'id', gen_random_uuid(), 'next_look_at', NULL, 'due_check_at', NULL,
        'created_at', now() - n * interval '1 hour', 'requested_publish_time', now() - n * interval '1 hour',
        'due_date_time', now() - n * interval '1 hour',
        'content_erased_at', CASE WHEN n % 2 = 0 THEN now() - n * interval '1 hour' END)) AS made;
    ANALYZE correspondence_mailing, correspondence_correspondence;
    INSERT INTO correspondence_correspondence
    SELECT made.*
    FROM correspondence_correspondence c, correspondence_mailing m,
    LATERAL jsonb_populate_record(c, jsonb_build_object(
        'id', gen_random_uuid(), 'mailing_id', m.id, 'recipient', 'urn:x:' || m.id, 'queue_state', 'done',
        'status', 2, 'statuses_seen', 7)) AS made
    WHERE m.next_look_at IS NULL;
    INSERT INTO correspondence_idempotencykey (owner_id, key, mailing_id, created_at)
    SELECT owner_id, gen_random_uuid(), id, created_at FROM correspondence_mailing;
    INSERT INTO attachments_attachment
    SELECT made.*
    FROM attachments_attachment a, generate_series(1, 20000) n,
    LATERAL jsonb_populate_record(a, jsonb_build_object(
        'id', gen_random_uuid(), 'storage_key', '', 'status', 3 + n % 3,
        'status_changed_at', now() - n * interval '1 hour')) AS made;
    ANALYZE attachments_attachment;
    INSERT INTO correspondence_mailingattachment (mailing_id, attachment_id, position)
    SELECT m.id, a.id, 0
    FROM (SELECT id, row_number() OVER () AS n FROM correspondence_mailing WHERE next_look_at IS NULL) m
    JOIN (SELECT id, row_number() OVER () AS n FROM attachments_attachment) a USING (n);
    ANALYZE;
"""


@pytest.fixture
def filled(sender: Client) -> str:
    """Among 20,000 mailings and attachments some have been kept long enough."""
    attachment_id = initialized(sender)
    sent(sender)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(FILL)
    return attachment_id


LONG_AGO = timedelta(hours=19_980)


def _reads() -> dict[str, tuple[Any, str]]:
    ago = clock.now() - LONG_AGO
    resource = "fjordby-byggesak"
    mailings = Mailing.objects
    return {
        "what is to be cleared": (mailings.to_clear(clock.now())[:50], "mailing_to_clear"),
        "published long ago": (mailings.published_until(resource, ago)[:50], "mailing_published"),
        "due long ago": (mailings.due_until(resource, ago)[:50], "mailing_expired"),
        "erased long ago": (mailings.erased_until(resource, ago).exclude(IS_HELD)[:50], "mailing_erased"),
        "ended long ago": (
            Attachment.objects.ended_until(resource, ago).exclude(IS_CARRIED)[:1000],
            "attachment_ended",
        ),
        "keys used long ago": (
            IdempotencyKey.objects.used_until(ago)[:1000],
            "idempotency_key_created_at",
        ),
    }


def test_each_read_stands_on_its_index(filled: str, subtests: pytest.Subtests) -> None:
    for what, (read, index) in _reads().items():
        with subtests.test(what):
            plan = read.explain()

            assert index in plan
            assert "Seq Scan" not in plan
