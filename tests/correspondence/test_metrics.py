"""What is counted of letters on their way, and what the queue's gauges tell."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from prometheus_client import REGISTRY

from config.kernel import clock
from correspondence import actions
from correspondence.gauges import READINGS
from correspondence.models import Correspondence
from correspondence.statuses import QueueState
from tests.clients import Client, problem
from tests.correspondence.test_plans import nodes
from tests.letters import letter, organizations
from tests.mail import sent, work

Counted = Callable[..., float]
LETTERS, OLDEST = READINGS


@pytest.fixture
def counted() -> Counted:
    """How much a counter has risen since the test began."""
    before = {(s.name, *sorted(s.labels.items())): s.value for family in REGISTRY.collect() for s in family.samples}

    def risen(name: str, **labels: str) -> float:
        now = REGISTRY.get_sample_value(name, labels) or 0
        return now - before.get((name, *sorted(labels.items())), 0)

    return risen


INITIALIZED, PUBLISHED = "correspondence_initialize_requests_total", "correspondence_publish_total"


def test_requests_to_send_are_counted_by_outcome_and_letters_by_recipient(sender: Client, counted: Counted) -> None:
    assert sender.post(letter(*organizations(3))).status_code == 200
    assert problem(sender.post(letter(requestedPublishTime="yesterday")))[1] == "STD-00000"
    code = problem(sender.post(letter(resourceId="nobodys")))[1]
    assert code is not None

    assert counted(INITIALIZED, outcome="accepted") == 1
    assert counted(INITIALIZED, outcome="STD-00000") == 1
    assert counted(INITIALIZED, outcome=code) == 1
    assert counted("correspondence_recipients_accepted_total") == 3


@pytest.mark.django_db(transaction=True)
def test_letters_that_go_out_are_counted_with_how_late_they_are(sender: Client, counted: Counted) -> None:
    sent(sender, letter(*organizations(3)))
    Correspondence.objects.update(due_at=clock.now() - timedelta(seconds=100))
    work()

    assert counted(PUBLISHED, outcome="published") == 3
    assert counted("correspondence_publish_lag_seconds_count") == 3
    assert 300 <= counted("correspondence_publish_lag_seconds_sum") < 360


@pytest.mark.django_db(transaction=True)
def test_a_letter_that_fails_again_and_again_is_counted_until_it_is_set_aside(
    sender: Client, counted: Counted, settings: Any
) -> None:
    settings.PUBLISH_ATTEMPTS, settings.PUBLISH_RETRY_SECONDS = 2, 0
    sent(sender)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE correspondence_statusevent ADD CONSTRAINT nothing_is_published CHECK (status <> 2)")
    try:
        work()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE correspondence_statusevent DROP CONSTRAINT nothing_is_published")

    assert (counted(PUBLISHED, outcome="not_published"), counted(PUBLISHED, outcome="set_aside")) == (1, 1)
    assert counted(PUBLISHED, outcome="published") == 0


def test_the_gauges_tell_each_state_and_how_late_the_first_is(sender: Client) -> None:
    now = clock.now()
    rows = [Correspondence.objects.get(pk=pk) for pk in sent(sender, letter(*organizations(5)))]
    late, states = now - timedelta(seconds=50), ["waiting", "due", "due", "scheduled", "set_aside"]
    for row, state in zip(rows, states, strict=True):
        row.queue_state = QueueState.READY if state in ("due", "scheduled") else QueueState(state)
        row.due_at = row.next_try_at = now + timedelta(days=1) if state == "scheduled" else late
        row.save()

    assert LETTERS.read(now) == {"waiting": 1, "due": 2, "paused": 0, "held_up": 0, "scheduled": 1, "set_aside": 1}
    assert OLDEST.read(now) == {"waiting": 50, "due": 50}

    actions.pause(resource_id="fjordby-byggesak", reason="Feil logo", by="test", now=now)

    assert LETTERS.read(now) == {"waiting": 1, "due": 0, "paused": 2, "held_up": 0, "scheduled": 1, "set_aside": 1}
    assert OLDEST.read(now) == {"waiting": 50, "due": 0}


def test_a_letter_for_later_that_came_first_does_not_hide_one_that_is_overdue(sender: Client) -> None:
    sent(sender, letter(requestedPublishTime="2099-01-01T00:00:00Z"))
    [late] = sent(sender)
    now = clock.now()
    Correspondence.objects.filter(pk=late).update(due_at=now - timedelta(seconds=50))

    assert OLDEST.read(now)["waiting"] == 50


MANY = """
    INSERT INTO correspondence_correspondence
    SELECT made.*
    FROM correspondence_correspondence c, generate_series(1, 20000) n,
    LATERAL jsonb_populate_record(c, jsonb_build_object(
        'id', gen_random_uuid(), 'recipient', 'urn:x:' || n, 'status', 2, 'statuses_seen', 7,
        'queue_state', 'done')) AS made;
    ANALYZE correspondence_correspondence;
"""


def test_no_gauge_reads_what_is_done(sender: Client) -> None:
    sent(sender)
    with connection.cursor() as cursor:
        cursor.execute(MANY)

    with CaptureQueriesContext(connection) as queries:
        for reading in READINGS:
            reading.read(clock.now())

    statements = [query["sql"] for query in queries if "correspondence_correspondence" in query["sql"]]
    assert len(statements) == 3
    for statement in statements:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (FORMAT JSON) " + statement)
            [[plan]] = cursor.fetchone()
        assert "Seq Scan" not in {node["Node Type"] for node in nodes(plan["Plan"])}, statement
