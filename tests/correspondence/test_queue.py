"""Queue, publish, sweep: what becomes of what was stored (design §5). Real PostgreSQL, actions called as tasks do."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import redis
from django.conf import settings as django_settings
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from config.celery import app as celery_app
from config.kernel import clock, surroundings
from config.kernel import queue as kernel_queue
from correspondence import actions
from correspondence.models import Correspondence, Mailing, StatusEvent
from correspondence.statuses import QueueState, Status
from recipients.models import Party
from tests.clients import Client
from tests.concurrency import at_once
from tests.letters import letter, organizations

SECOND = timedelta(seconds=1)


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """The run's own broker, empty before and after."""
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


def send(sender: Client, count: int = 1, **members: Any) -> Mailing:
    assert sender.post(letter(*organizations(count), **members)).status_code == 200
    return Mailing.objects.latest("id")


def queued(sender: Client, count: int = 1, **members: Any) -> Mailing:
    mailing = send(sender, count, **members)
    assert actions.queue_mailing(mailing_id=mailing.pk, now=clock.now()) == count
    return mailing


def histories() -> set[tuple[int, ...]]:
    rows = Correspondence.objects.prefetch_related("events")
    return {tuple(event.status for event in sorted(row.events.all(), key=lambda event: event.pk)) for row in rows}


@pytest.fixture
def refuse_to_publish(db: None) -> Any:
    """A letter whose publishing raises inside the database, as a fault of its own would."""

    def install(correspondence_id: UUID) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF NEW.correspondence_id = '{correspondence_id}' AND NEW.status = 2 THEN
                        RAISE EXCEPTION 'this letter cannot be published: (01818517641)';
                    END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER refuse BEFORE INSERT ON correspondence_statusevent
                FOR EACH ROW EXECUTE FUNCTION refuse();
                """
            )

    return install


def test_queueing_makes_every_letter_ready_and_writes_its_history(sender: Client) -> None:
    mailing = queued(sender, 3, requestedPublishTime="2099-01-01")

    assert set(Correspondence.objects.values_list("status", "queue_state")) == {
        (Status.READY_FOR_PUBLISH, QueueState.READY)
    }
    assert histories() == {(Status.INITIALIZED, Status.READY_FOR_PUBLISH)}
    mailing.refresh_from_db()
    assert mailing.next_look_at is None


def test_queueing_twice_is_once(sender: Client) -> None:
    mailing = queued(sender, 3)

    assert actions.queue_mailing(mailing_id=mailing.pk, now=clock.now()) == 0
    assert histories() == {(Status.INITIALIZED, Status.READY_FOR_PUBLISH)}


def test_publishing_is_done_once_however_often_it_is_asked_for(sender: Client) -> None:
    queued(sender, 250)

    assert actions.publish_due(clock=clock.now) == 250
    assert actions.publish_due(clock=clock.now) == 0
    assert histories() == {(Status.INITIALIZED, Status.READY_FOR_PUBLISH, Status.PUBLISHED)}
    assert set(Correspondence.objects.values_list("status", "queue_state")) == {(Status.PUBLISHED, QueueState.DONE)}


def test_nothing_is_published_before_its_time(sender: Client) -> None:
    queued(sender, requestedPublishTime=(clock.now() + timedelta(hours=1)).isoformat())

    assert actions.publish_due(clock=clock.now) == 0
    assert actions.publish_due(clock=lambda: clock.now() + timedelta(hours=1, seconds=1)) == 1


@pytest.mark.parametrize("count", [1, 100])
def test_a_chunk_costs_the_same_number_of_statements_for_any_number_of_letters(sender: Client, count: int) -> None:
    queued(sender, count)

    with CaptureQueriesContext(connection) as queries:
        actions.publish_due(clock=clock.now)

    statements = [query["sql"].split()[0] for query in queries if "SAVEPOINT" not in query["sql"]]
    # Pauses, claim, files, recipients, a chunk; and a look at pauses and letters that finds nothing.
    assert statements == ["SELECT", "SELECT", "SELECT", "SELECT", "WITH", "SELECT", "SELECT"]


def test_a_letter_that_raises_does_not_hold_up_its_chunk(sender: Client, refuse_to_publish: Any) -> None:
    queued(sender, 10)
    bad = Correspondence.objects.order_by("id")[4]
    refuse_to_publish(bad.pk)

    assert actions.publish_due(clock=clock.now) == 9

    bad.refresh_from_db()
    assert (bad.status, bad.queue_state, bad.attempts) == (Status.READY_FOR_PUBLISH, QueueState.READY, 1)
    assert "this letter cannot be published: (***********)" in bad.last_error
    assert bad.next_try_at > clock.now() + SECOND


def test_pauses_grow_and_after_five_attempts_a_letter_is_set_aside(sender: Client, refuse_to_publish: Any) -> None:
    queued(sender)
    row = Correspondence.objects.get()
    refuse_to_publish(row.pk)
    now, pauses = clock.now(), []

    for _ in range(5):
        actions.publish_due(clock=lambda moment=now: moment)  # type: ignore[misc]
        row.refresh_from_db()
        pauses.append(round((row.next_try_at - now).total_seconds()))
        now = row.next_try_at

    assert pauses == [5, 20, 80, 320, 1280]
    assert (row.queue_state, row.status) == (QueueState.SET_ASIDE, Status.READY_FOR_PUBLISH)
    assert actions.publish_due(clock=lambda: now + timedelta(days=1)) == 0


def test_a_letter_that_was_set_aside_can_be_retried(sender: Client, refuse_to_publish: Any) -> None:
    queued(sender)
    Correspondence.objects.update(queue_state=QueueState.SET_ASIDE, attempts=5, last_error="x")

    ids = [Correspondence.objects.get().pk]

    assert actions.retry_set_aside(ids=ids, by="kari", now=clock.now()).done == ids

    assert actions.publish_due(clock=clock.now) == 1
    assert actions.retry_set_aside(ids=ids, by="kari", now=clock.now()).done == []


def test_the_database_refuses_a_second_publishing(sender: Client) -> None:
    queued(sender)
    actions.publish_due(clock=clock.now)
    row = Correspondence.objects.get()

    with pytest.raises(IntegrityError, match="published_once"), transaction.atomic():
        StatusEvent.objects.create(correspondence=row, status=Status.PUBLISHED, text="x", at=clock.now())


def test_the_database_refuses_to_try_before_the_time(sender: Client) -> None:
    queued(sender)

    with pytest.raises(IntegrityError, match="is_not_tried_early"), transaction.atomic():
        Correspondence.objects.update(due_at=datetime.fromisoformat("2099-01-01T00:00:00+00:00"))


@pytest.mark.django_db(transaction=True)
class TestMessages:
    """What goes to the broker."""

    def test_a_post_sends_one_message_with_an_id_and_nothing_else(self, sender: Client, broker: redis.Redis) -> None:
        mailing = send(sender, 500)

        (message,) = broker.lrange("queue", 0, -1)
        assert broker.llen("publish") == broker.llen("maintenance") == 0
        arguments = json.loads(base64.b64decode(json.loads(message)["body"]))[0]
        assert arguments == [str(mailing.pk)]

    @pytest.mark.parametrize(("count", "wanted"), [(1, 1), (100, 1), (500, 5)])
    def test_queueing_wakes_a_publisher_for_each_chunk(
        self, sender: Client, broker: redis.Redis, count: int, wanted: int
    ) -> None:
        queued(sender, count)

        assert broker.llen("publish") == wanted

    def test_a_mailing_of_reserved_recipients_only_wakes_a_publisher_too(
        self, sender: Client, broker: redis.Redis
    ) -> None:
        people = ("01818517641", "24926112631")
        for number in people:
            Party.objects.create(urn=f"urn:altinn:person:identifier-no:{number}", is_reserved=True)
        assert sender.post(letter(*people)).status_code == 200
        actions.queue_mailing(mailing_id=Mailing.objects.get().pk, now=clock.now())

        assert broker.llen("publish") == 1

    def test_queueing_for_later_wakes_nobody(self, sender: Client, broker: redis.Redis) -> None:
        queued(sender, 5, requestedPublishTime="2099-01-01")

        assert broker.llen("publish") == 0

    def test_the_sweep_wakes_the_queue_for_a_forgotten_mailing_and_looks_again_later(
        self, sender: Client, broker: redis.Redis
    ) -> None:
        send(sender)
        broker.flushdb()  # the message is lost

        actions.sweep(now=clock.now())
        assert broker.llen("queue") == 0  # not forgotten yet
        later = clock.now() + 11 * SECOND
        actions.sweep(now=later)
        actions.sweep(now=later + SECOND)
        assert broker.llen("queue") == 1
        actions.sweep(now=later + 16 * SECOND)
        assert broker.llen("queue") == 2

    def test_the_sweep_wakes_publishers_for_what_is_due(self, sender: Client, broker: redis.Redis) -> None:
        queued(sender, 250)
        broker.flushdb()

        actions.sweep(now=clock.now())

        assert broker.llen("publish") == 3

    def test_the_sweep_adds_nothing_to_a_long_queue(self, sender: Client, broker: redis.Redis) -> None:
        queued(sender)
        broker.flushdb()
        broker.lpush("publish", *(["x"] * 200))

        actions.sweep(now=clock.now())

        assert broker.llen("publish") == 200

    def test_two_publishers_at_once_share_the_work(self, sender: Client, broker: redis.Redis) -> None:
        queued(sender, 400)
        published = at_once(2, lambda: actions.publish_due(clock=clock.now))

        assert sum(published) == 400
        assert StatusEvent.objects.filter(status=Status.PUBLISHED).count() == 400

    def test_two_posts_with_one_key_at_once_make_one_mailing(self, sender: Client, broker: redis.Redis) -> None:
        body = letter(request__idempotentKey="6f1f0f0e-8a44-4d0b-9a57-0d6f2f6f8c21")

        statuses = at_once(4, lambda: sender.post(body).status_code)

        assert sorted(statuses) == [200, 409, 409, 409]
        assert Mailing.objects.count() == 1


@pytest.mark.parametrize("name", ["sweep", "sweep-attachments"])
def test_a_sweep_is_not_too_late_for_a_worker_that_is_busy_or_whose_clock_is_ahead(name: str) -> None:
    waits = timedelta(seconds=celery_app.conf.beat_schedule[name]["options"]["expires"])

    assert waits > surroundings.CLOCKS_ARE_WRONG  # until then `doctor` only warns
    assert waits > 2 * SECOND * django_settings.PUBLISH_TASK_SECONDS


def test_every_task_that_an_action_asks_for_exists_and_is_routed() -> None:
    names = {
        "correspondence.queue_mailing",
        "correspondence.publish_due",
        "correspondence.sweep",
        "correspondence.clear_mailing",
        "correspondence.retention",
        "correspondence.work_off_job",
        "attachments.scan",
        "attachments.remove_bytes",
        "attachments.sweep",
        "attachments.remove_orphans",
        "attachments.remove_all_orphans",
        "staff.tidy",
        "imports.tidy",
    }

    celery_app.loader.import_default_modules()
    assert {name for name in celery_app.tasks if not name.startswith(("celery.", "test."))} == names
    assert set(django_settings.CELERY_TASK_ROUTES) == names
    assert {route["queue"] for route in django_settings.CELERY_TASK_ROUTES.values()} == set(kernel_queue.QUEUES)
    assert {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()} <= names
