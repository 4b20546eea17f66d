"""What it costs to ask about, and to do, something with 20,000 of a million letters. Asserts nothing on a clock.

Run by `make bench ARGS="-k acts"`. PostgreSQL runs with its defaults, and fsync off.
"""
# ruff: noqa: T201 - its table is what it is for

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from config.audit.models import AuditEntry
from config.kernel import clock
from correspondence import actions
from correspondence.actions import jobs
from correspondence.admin.acting import MOST_LETTERS
from correspondence.models import BulkJob, BulkRefusal, Correspondence, SentAgain
from correspondence.policies.forecast import forecast
from correspondence.statuses import Act, QueueState
from tests.bench import million
from tests.bench.plans import noting, plan_of

ROWS = 1_000_000
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]


@pytest.fixture
def letters(db: None) -> Iterator[list[UUID]]:
    """The ids of those that are for later."""
    with million.filled(ROWS):
        ready = Correspondence.objects.filter(queue_state=QueueState.READY).order_by("pk")
        yield list(ready.values_list("pk", flat=True)[:MOST_LETTERS])
        for model in (BulkRefusal, BulkJob, SentAgain):
            model._default_manager.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE audit_auditentry")


def timed(name: str, call: Callable[[], Any]) -> Any:
    with CaptureQueriesContext(connection) as queries:
        begun = time.perf_counter()
        answer = call()
        seconds = time.perf_counter() - begun
    sql = sum(float(query["time"]) for query in queries)
    print(f"{seconds * 1000:>9.0f} ms, {sql * 1000:>7.0f} ms of SQL, {len(queries):>5} statements  {name}")
    return answer


def test_what_acting_on_many_letters_costs(letters: list[UUID]) -> None:
    now, owners = clock.now(), list(Correspondence.objects.order_by().values_list("owner", flat=True).distinct())
    print(f"\n{len(letters)} of {ROWS} letters")
    found = Correspondence.objects.filter(queue_state=QueueState.READY).order_by()
    chosen = timed("choose by a filter", lambda: list(found.values_list("pk", "owner_id")[: MOST_LETTERS + 1]))
    assert chosen
    for act in (Act.RETRY, Act.PUBLISH_NOW, Act.CANCEL, Act.SEND_AGAIN):
        timed(f"ask about {act}", partial(forecast, letters, act, now))
    facts: dict[str, Any] = {"act": Act.CANCEL, "ids": letters, "owners": owners, "by": "kari", "now": now}
    job = timed("write the choice down", lambda: actions.plan(job_id=uuid7(), **facts))
    actions.begin(job_id=job.pk, reason="bench", clock=clock.now)
    timed("a batch of 200 cancelled", lambda: jobs._turn(job.pk, now, jobs.BATCH))
    timed("the rest", lambda: _all_of(job.pk))
    again = actions.plan(job_id=uuid7(), **{**facts, "act": Act.SEND_AGAIN, "ids": letters[:1000]})
    timed("ask about 1,000 to send again", lambda: forecast(letters[:1000], Act.SEND_AGAIN, now))
    actions.begin(job_id=again.pk, reason="bench", clock=clock.now)
    timed("a batch of 200 sent again", lambda: jobs._turn(again.pk, now, jobs.BATCH))
    assert AuditEntry.objects.exists()
    _plans(letters)


def _all_of(job_id: UUID) -> None:
    while jobs._turn(job_id, clock.now(), jobs.BATCH):
        pass


def _plans(letters: list[UUID]) -> None:
    """The statements of one batch, each with what it stands on."""
    for table in ("correspondence_correspondence", "correspondence_mailing", "correspondence_sentagain"):
        with noting(table) as asked:
            actions.send_again(ids=letters[1000:1200], by="kari", now=clock.now(), reason="bench")
        for query in asked:
            plan = plan_of(query)
            through = f" READS THROUGH {plan.tables_read_through}" if plan.tables_read_through else ""
            print(f"{plan.milliseconds:>9.1f} ms {plan.rows_looked_at:>7} rows  {', '.join(plan.indexes)}{through}")
