"""A database that is there and does not answer, or not in time: 503 within 10 s, and all is well afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import psycopg
import pytest
import requests

from tests.acceptance.ledger import ONCE, Ledger
from tests.acceptance.rig import Rig, frozen, stopped
from tests.acceptance.sender import Sender, new_reference
from tests.acceptance.waiting import Stopwatch, show, until

pytestmark = pytest.mark.e2e

LONGEST_SECONDS = 10  # that a client waits


@contextmanager
def held(rig: Rig, lock: LiteralString) -> Iterator[None]:
    """Somebody else holds this lock, as a careless administrator does."""
    with psycopg.connect(rig.postgres.url) as connection:
        connection.execute(lock)
        yield
        connection.rollback()


def assert_refused_in_time(sender: Sender, reference: str) -> str:
    """Answers the detail."""
    watch = Stopwatch()
    response = sender.post(sender.letter(reference))
    assert watch.seconds < LONGEST_SECONDS
    assert response.status_code == 503, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    assert int(response.headers["Retry-After"]) > 0
    show(f"refused after {watch.seconds:.1f} s")
    detail: str = response.json()["detail"]
    return detail


def test_a_database_that_stands_still_is_given_up(rig: Rig, rig_sender: Sender, rig_ledger: Ledger) -> None:
    accepted = new_reference()
    with frozen(rig.postgres):
        for _ in range(2):
            detail = assert_refused_in_time(rig_sender, new_reference())
            assert detail == "The database cannot be reached right now. Send again."

    watch = Stopwatch()
    rig_sender.send_patiently(rig_sender.letter(accepted, recipients=50))
    show(f"accepted {watch.seconds:.1f} s after it went on")
    until(lambda: rig_ledger.published(accepted) >= 50, seconds=40)
    assert rig_ledger.histories(accepted) == {ONCE: 50}


@pytest.mark.parametrize("table", ["mailing", "correspondence", "statusevent"])
def test_a_lock_that_somebody_keeps_is_not_waited_for(
    rig: Rig, rig_sender: Sender, rig_ledger: Ledger, table: str
) -> None:
    refused, told_before = new_reference(), len(told_too_slow(rig))
    with held(rig, f"LOCK TABLE correspondence_{table} IN ACCESS EXCLUSIVE MODE"):
        detail = assert_refused_in_time(rig_sender, refused)

    assert detail == "The database took too long over this. Nothing was stored; send again."
    assert rig_ledger.mailings(refused) == 0
    (line,) = told_too_slow(rig)[told_before:]
    assert "lock timeout" in line["error"]
    assert line["trace_id"]
    rig_sender.send(rig_sender.letter(new_reference()))


def test_a_worker_that_met_a_lock_publishes_later(rig: Rig, rig_sender: Sender, rig_ledger: Ledger) -> None:
    reference = new_reference()
    soon = (datetime.now(UTC) + timedelta(seconds=16)).isoformat()  # noqa: TID251
    rig_sender.send(rig_sender.letter(reference, requestedPublishTime=soon))
    # Or the worker's processes would be held up by letters that are to be queued, and never come to publish one.
    until(lambda: rig_ledger.waiting() == 0)

    # Writers of history wait; nobody else does.
    with held(rig, "LOCK TABLE correspondence_statusevent IN SHARE MODE"):
        until(lambda: gave_up(rig), seconds=60)

    until(lambda: rig_ledger.published(reference) >= 1, seconds=60)
    assert rig_ledger.histories(reference) == {ONCE: 1}


def told_too_slow(rig: Rig) -> list[dict[str, Any]]:
    return [event for event in rig.service.events("web") if event["event"] == "database_too_slow"]


def gave_up(rig: Rig) -> bool:
    return any(
        event["event"] == "chunk_not_published" and "lock timeout" in event["error"]
        for event in rig.service.events("worker")
    )


def test_pages_for_people_are_503_while_the_database_is_gone(rig: Rig) -> None:
    with stopped(rig.postgres):
        page = requests.get(f"{rig.service.base_url}/admin/", cookies={"sessionid": "a" * 32}, timeout=30)

    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) > 0
    assert "Please try again in some seconds" in page.text
    rig.service.await_health()
