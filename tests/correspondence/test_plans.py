"""The plans of the queue's reads: each stands on its index, however much is done already."""

from typing import Any

import pytest
from django.db import connection

from config.kernel import clock
from correspondence.models import Correspondence, Mailing, StatusEvent
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
