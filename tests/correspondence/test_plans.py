"""The plans of the queue's reads: each stands on its index, however much is done already."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel import clock
from correspondence import actions
from correspondence.actions.clear import clear_mailings
from correspondence.actions.remove_history import remove_histories
from correspondence.models import Correspondence, Mailing, StatusEvent
from correspondence.policies.pauses import may_go_out
from tests.clients import Client
from tests.letters import letter

FILL = """
    INSERT INTO correspondence_mailing
    SELECT made.*
    FROM correspondence_mailing m, generate_series(1, 5000) n,
    LATERAL jsonb_populate_record(m, jsonb_build_object(
        'id', gen_random_uuid(), 'next_look_at', NULL, 'senders_reference', 'ref-' || n)) AS made;
    INSERT INTO correspondence_correspondence
    SELECT made.*
    FROM correspondence_correspondence c, generate_series(1, 20000) n,
    LATERAL jsonb_populate_record(c, jsonb_build_object(
        'id', gen_random_uuid(), 'recipient', 'urn:x:' || n,
        'status', 2, 'statuses_seen', 7, 'queue_state', 'done')) AS made;
    INSERT INTO correspondence_statusevent (correspondence_id, status, text, at, party)
    SELECT id, 0, '', due_at, '' FROM correspondence_correspondence;
    ANALYZE correspondence_mailing, correspondence_correspondence, correspondence_statusevent;
"""

# Of 20,000 letters that are ready, and older, one resource has all; another has a hundred.
MANY_READY = """
    UPDATE correspondence_correspondence
    SET queue_state = 'ready', status = 1, statuses_seen = 3, due_at = due_at - interval '1 hour',
        next_try_at = due_at - interval '1 hour'
    WHERE queue_state = 'done';
    INSERT INTO registry_serviceowner (organization_number, name) VALUES ('310635820', 'Dalen');
    INSERT INTO registry_resource (id, owner_id, type, title, minimum_authentication_level, is_confidential)
    SELECT 'dalen-skatt', id, 'CorrespondenceService', '', 0, false FROM registry_serviceowner WHERE name = 'Dalen';
    INSERT INTO correspondence_correspondence
    SELECT made.*
    FROM (SELECT * FROM correspondence_correspondence WHERE queue_state = 'ready' LIMIT 1) c,
    registry_resource r, generate_series(1, 100) n,
    LATERAL jsonb_populate_record(NULL::correspondence_correspondence, to_jsonb(c) || jsonb_build_object(
        'id', gen_random_uuid(), 'recipient', 'urn:y:' || n, 'owner_id', r.owner_id, 'resource_id', r.id)) AS made
    WHERE r.id = 'dalen-skatt';
    ANALYZE correspondence_correspondence;
"""


@pytest.fixture
def filled(sender: Client) -> Correspondence:
    """One letter that waits among 20,000 that are done, of one mailing among 5,000."""
    assert sender.post(letter()).status_code == 200
    waiting = Correspondence.objects.get()
    with connection.cursor() as cursor:
        cursor.execute(FILL)
    return waiting


READS: dict[str, tuple[Any, str]] = {
    "what is due": (lambda row: Correspondence.objects.due(clock.now())[:100], "correspondence_due"),
    "what waits": (lambda row: Correspondence.objects.waiting()[:100], "correspondence_waiting"),
    "what was set aside": (lambda row: Correspondence.objects.set_aside()[:100], "correspondence_set_aside"),
    "forgotten mailings": (lambda row: Mailing.objects.forgotten(clock.now())[:100], "mailing_forgotten"),
    "a sender's reference": (lambda row: Mailing.objects.with_reference("sak-1"), "mailing_senders_reference"),
    "a mailing's letters": (
        lambda row: Correspondence.objects.filter(mailing=row.mailing_id, recipient=row.recipient),
        "correspondence_once_for_each_recipient",
    ),
    "a letter's history": (lambda row: row.events.in_order(), "status_event_of_letter"),
    "what was published lately": (
        lambda row: StatusEvent.objects.filter(at__gte=clock.now()),
        "status_event_at",
    ),
}


def test_each_read_stands_on_its_index(filled: Correspondence, subtests: pytest.Subtests) -> None:
    for what, (read, index) in READS.items():
        with subtests.test(what):
            plan = read(filled).explain()

            assert index in plan
            assert "Seq Scan" not in plan


def test_a_claim_walks_through_nothing_that_is_paused(filled: Correspondence) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MANY_READY)
    paused = Correspondence.objects.ready().filter(resource="fjordby-byggesak").count()
    actions.pause(resource_id="fjordby-byggesak", reason="Feil logo", by="test", now=clock.now())

    with CaptureQueriesContext(connection) as queries:
        claimed = list(may_go_out(clock.now(), 100).claimed()[:50])

    assert {letter.resource_id for letter in claimed} == {"dalen-skatt"}
    assert (len(claimed), paused) == (50, 20_000)
    [lanes, claim] = [query["sql"] for query in queries if "correspondence_correspondence" in query["sql"]]
    for statement in (lanes, claim):
        assert rows_read(statement) < 1_000


# As a vacuum leaves it that found them empty; what one transaction brings then is not in it.
BELIEVED_EMPTY = "UPDATE pg_class SET reltuples = 0, relpages = 1000 WHERE relname LIKE 'correspondence_%'"


def test_histories_are_removed_without_a_join_though_the_server_believes_its_tables_empty(
    filled: Correspondence, settings: Any
) -> None:
    settings.KEEP_PUBLISHED_CONTENT_DAYS = settings.KEEP_HISTORY_DAYS = 0
    mailing = Mailing.objects.exclude(pk=filled.mailing_id).order_by("pk")[0]
    letters = Correspondence.objects.filter(queue_state="done").order_by("pk")[:300].values("pk")
    Correspondence.objects.filter(pk__in=letters).update(mailing=mailing)
    clear_mailings(mailing_ids=[mailing.pk], now=clock.now())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM pg_statistic WHERE starelid::regclass::text LIKE 'correspondence_%'")
        cursor.execute(BELIEVED_EMPTY)

    with CaptureQueriesContext(connection) as queries:
        assert remove_histories(mailing_ids=[mailing.pk], now=clock.now()) == 1

    removals = [query["sql"] for query in queries if query["sql"].startswith("DELETE")]
    assert not Correspondence.objects.filter(mailing=mailing).exists()
    assert any("statusevent" in removal for removal in removals)
    for removal in removals:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + removal)
            assert "Join" not in str(cursor.fetchall())


def rows_read(statement: str) -> int:
    """How many rows the plan's nodes read or threw away, as the database counts when it runs it."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statement)
        [[plan]] = cursor.fetchone()
    return sum(
        node["Actual Rows"] * node["Actual Loops"] + node.get("Rows Removed by Filter", 0)
        for node in nodes(plan["Plan"])
    )


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)
