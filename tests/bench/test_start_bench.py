"""What the start page costs at a million letters and six million events of five weeks; and its tally, who publishes.

Run by `make bench ARGS="-k start"`. PostgreSQL runs with its defaults, and fsync off.
"""
# ruff: noqa: T201 - its tables are what it is for

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from config.kernel import clock
from correspondence import actions, overview
from correspondence.actions import advance
from correspondence.admin.standing_filter import WORDS, StandingFilter
from correspondence.gauges import READINGS
from correspondence.models import Correspondence, Pause, StatusEvent
from registry.models import ServiceOwner

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]

ROWS, OWNERS, LOOKS = 1_000_000, 101, 9
BIG, SMALL = "party-0", [f"party-{number}" for number in range(1, 6)]

# The big owner sends 6 of 10 letters; ten letters to a mailing. Of each hundred 75 are out, evenly over 35 days, 20 are
# scheduled, 3 are due, of 1,000 there are 3 that have failed, 1 that is put off, and 10 that wait to be queued.
FILL = """
    INSERT INTO registry_serviceowner (organization_number, code, name)
    SELECT 100000000 + n, 'party-' || n, 'Party ' || n FROM generate_series(0, %(owners)s - 1) AS n;
    INSERT INTO registry_resource (id, owner_id, type, title, minimum_authentication_level, is_confidential)
    SELECT 'resource-' || code, id, 'CorrespondenceService', '', 0, false FROM registry_serviceowner;

    CREATE TEMPORARY TABLE planned AS
    SELECT n, gen_random_uuid() AS id, owner.id AS owner_id, 'resource-' || owner.code AS resource_id,
        CASE WHEN n %% 1000 < 750 THEN 'out' WHEN n %% 1000 < 950 THEN 'scheduled' WHEN n %% 1000 < 980 THEN 'due'
            WHEN n %% 1000 < 983 THEN 'failed' WHEN n %% 1000 < 984 THEN 'held_up' WHEN n %% 10000 = 9990
            THEN 'set_aside' WHEN n %% 1000 < 994 THEN 'waiting' ELSE 'out' END AS place,
        %(now)s - interval '35 days' * (1 - n::float / %(rows)s) AS time
    FROM generate_series(0, %(rows)s - 1) AS n
    JOIN registry_serviceowner AS owner
        ON owner.code = 'party-' || CASE WHEN n / 10 %% 10 < 6 THEN 0 ELSE 1 + n / 100 %% 100 END;

    INSERT INTO correspondence_mailing (id, resource_id, owner_id, created_at, created_by, traceparent,
        senders_reference, language, title, summary, body, requested_publish_time, external_references, property_list,
        reply_options, is_confirmation_needed, is_confidential, allow_forwarding, recipient_count)
    SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, resource_id, owner_id, time, '', '',
        'reference-' || n, 'nb', 'Vedtak', '', 'Hei.', time, '[]', '{}', '[]', false, false, false, 10
    FROM planned WHERE n %% 10 = 0;

    INSERT INTO correspondence_correspondence (id, mailing_id, recipient, recipient_name, owner_id, resource_id, status,
        statuses_seen, requested_publish_time, queue_state, due_at, next_try_at, attempts, last_error)
    SELECT ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid,
        ('00000000-0000-7000-8000-' || lpad(to_hex(n / 10 * 10), 12, '0'))::uuid,
        'urn:altinn:organization:identifier-no:' || 100000000 + n, '', owner_id, resource_id,
        CASE place WHEN 'out' THEN 6 WHEN 'failed' THEN 11 WHEN 'waiting' THEN 0 ELSE 1 END,
        CASE place WHEN 'out' THEN 95 WHEN 'failed' THEN 2051 WHEN 'waiting' THEN 1 ELSE 3 END,
        time,
        CASE WHEN place IN ('out', 'failed') THEN 'done' WHEN place IN ('waiting', 'set_aside') THEN place
            ELSE 'ready' END,
        moment, CASE place WHEN 'held_up' THEN %(now)s + interval '1 hour' ELSE moment END,
        CASE WHEN place IN ('held_up', 'set_aside') THEN 2 ELSE 0 END,
        CASE WHEN place IN ('held_up', 'set_aside') THEN 'DataError: no' ELSE '' END
    FROM planned, LATERAL (SELECT CASE place WHEN 'scheduled' THEN %(now)s + (n %% 40 + 1) * interval '1 day'
        ELSE time END AS moment) AS moments;

    INSERT INTO correspondence_statusevent (correspondence_id, status, text, at, party)
    SELECT ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, event.status, 'Because', time, ''
    FROM planned CROSS JOIN (VALUES (0), (1), (2), (3), (3), (4), (6), (11)) AS event (status)
    WHERE CASE WHEN place = 'out' THEN event.status <> 11 WHEN place = 'failed' THEN event.status IN (0, 1, 11)
        WHEN place = 'waiting' THEN event.status = 0 ELSE event.status < 2 END
    ORDER BY n, event.status;

    INSERT INTO correspondence_publishedtally (owner_id, at, fold, letters)
    SELECT owner_id, date_trunc('hour', time, 'UTC'), 2, count(*) FROM planned
    WHERE place = 'out' AND time < %(now)s - interval '2 hours' GROUP BY 1, 2;
    INSERT INTO correspondence_publishedtally (owner_id, at, fold, letters)
    SELECT owner_id, date_trunc('minute', time), 1, count(*) FROM planned
    WHERE place = 'out' AND time >= %(now)s - interval '2 hours' GROUP BY 1, 2;
    DROP TABLE planned;
"""
TABLES = (
    "correspondence_mailing, correspondence_correspondence, correspondence_statusevent, correspondence_publishedtally"
)


def test_the_start_page_at_a_million_letters(subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    fill(now)
    for measure in (looks, tally_beside_history, lists, gauges):
        with subtests.test(measure.__name__):
            measure(now)
    with subtests.test("publishing"):
        publishing(now, monkeypatch)


def fill(now: datetime) -> None:
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, {"rows": ROWS, "owners": OWNERS, "now": now})
        cursor.execute(f"VACUUM ANALYZE {TABLES}")
        cursor.execute("SELECT count(*) FROM correspondence_statusevent")
        print(f"\n{ROWS:,} letters, {cursor.fetchone()[0]:,} events")


@contextmanager
def paused(**terms: Any) -> Iterator[None]:
    row = actions.pause(**terms, reason="Bench", by="bench", now=clock.now())
    try:
        yield
    finally:
        Pause.objects.filter(pk=row.pk).delete()


def ids_of(*codes: str) -> frozenset[int]:
    return frozenset(ServiceOwner.objects.filter(code__in=codes).values_list("pk", flat=True))


def measured(owners: Any, now: datetime) -> tuple[float, list[tuple[float, str]]]:
    """The time of a look, and what each of its statements took in PostgreSQL, the slowest first.

    The least of many, each: whatever else the machine has to do makes them longer, nothing makes them shorter.
    """
    took = timed(lambda: overview.look(owners, now))
    with CaptureQueriesContext(connection) as queries:
        overview.look(owners, now)
    read = [each["sql"] for each in queries.captured_queries if each["sql"].startswith("SELECT")]
    found = [(min(_explained(text) for _ in range(LOOKS)), text) for text in read if "set_config" not in text]
    return took, sorted(found, reverse=True)


def _explained(text: str) -> float:
    """Milliseconds to plan and to execute, as it was run (correspondence/counting.py)."""
    with transaction.atomic(), connection.cursor() as cursor:
        if "min(moment)" in text:
            cursor.execute("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + text)
        [[plan]] = cursor.fetchone()
        return float(plan["Execution Time"] + plan["Planning Time"])


def timed(read: Callable[[], Any]) -> float:
    """Milliseconds, the least of many."""

    def once() -> float:
        started = time.perf_counter()
        read()
        return (time.perf_counter() - started) * 1000

    return min(once() for _ in range(LOOKS))


def looks(now: datetime) -> None:
    big, small = ids_of(BIG), ids_of(*SMALL)
    each_look: dict[str, tuple[Any, dict[str, Any] | None]] = {
        "all": (None, None),
        "the big owner": (big, None),
        "five small owners": (small, None),
        "all, the big owner paused": (None, {"owner_id": min(big)}),
        "small ones, the big owner paused": (small, {"owner_id": min(big)}),
        "all, one small resource paused": (None, {"resource_id": "resource-party-1"}),
        "all, everything paused": (None, {}),
    }
    print(f"\n{'':<34}{'look ms':>9}{'SQL ms':>9}{'statements':>12}  slowest")
    for name, (owners, terms) in each_look.items():
        if terms is None:
            took, statements = measured(owners, now)
        else:
            with paused(**terms):
                took, statements = measured(owners, now)
        total = sum(each for each, _ in statements)
        slowest = ", ".join(f"{each:.1f} ({text.split('FROM')[1][:34].strip()})" for each, text in statements[:3])
        print(f"{name:<34}{took:>9.1f}{total:>9.1f}{len(statements):>12}  {slowest}")


def tally_beside_history(now: datetime) -> None:
    small = ids_of(*SMALL)
    ways: dict[str, Callable[[], Any]] = {
        "tally, 30 days and an hour, all": lambda: overview._published(None, now),
        "tally, 30 days and an hour, five small": lambda: overview._published(small, now),
        "history, today, all": lambda: StatusEvent.objects.published_since(overview.midnight(now)).count(),
        "history, 30 days, all": lambda: StatusEvent.objects.published_since(now - timedelta(days=30)).count(),
        "history, 30 days, five small": lambda: (
            StatusEvent.objects.published_since(now - timedelta(days=30))
            .filter(correspondence__owner__in=small)
            .count()
        ),
    }
    print()
    for name, read in ways.items():
        print(f"{name:<42}{timed(read):>9.1f} ms")


def lists(now: datetime) -> None:
    """Their first page; how they are paged is not our matter."""
    print()
    for word in WORDS:
        listed = StandingFilter(None, {"where": [word]}, Correspondence, None)  # type: ignore[arg-type]
        rows = listed.queryset(None, Correspondence.objects.order_by("-pk"))  # type: ignore[arg-type]
        assert rows is not None
        print(f"{word:<20}{timed(partial(_first_page, rows)):>9.1f} ms")


def _first_page(rows: Any) -> list[Correspondence]:
    return list(rows[:101])


def gauges(now: datetime) -> None:
    print()
    for reading in READINGS:
        print(f"{reading.name:<44}{timed(partial(reading.read, now)):>9.1f} ms")


def publishing(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk of a hundred letters of some owners, each published in a transaction that is taken back; in turns."""
    ids = list(Correspondence.objects.ready().filter(due_at__lte=now).values_list("pk", flat=True)[:100])
    with_tally, without = advance._PUBLISH, advance._BY_ID
    took: dict[str, list[float]] = {"with": [], "without": []}
    for _ in range(60):
        for name, statement in (("with", with_tally), ("without", without)):
            monkeypatch.setattr(advance, "_PUBLISH", statement)
            with transaction.atomic():
                started = time.perf_counter()
                advance.mark_published(ids, now)
                took[name].append((time.perf_counter() - started) * 1000)
                transaction.set_rollback(True)
    on, off = (min(took[name]) for name in ("with", "without"))
    print(f"\na chunk of 100: without the tally {off:.2f} ms, with it {on:.2f} ms")
