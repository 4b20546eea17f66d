"""What the pages of a letter and of a mailing cost among a million letters: the plan of each of their queries.

Run by `make bench ARGS="-k letter_page"`. PostgreSQL runs with its defaults, and fsync off.
"""
# ruff: noqa: T201 - its tables are what it is for

import logging
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client as DjangoClient
from django.test.utils import CaptureQueriesContext

from config.audit.actions import record
from config.audit.models import Deed
from config.kernel import clock, development_issuer
from correspondence import actions
from correspondence.models import Correspondence, StatusEvent
from correspondence.statuses import Status
from tests.bench import million
from tests.bench.plans import Query, plan_of
from tests.clients import Client
from tests.letters import letter, organizations

ROWS = 1_000_000
TABLES = ("correspondence_statusevent", "audit_auditentry")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(1800),
    pytest.mark.usefixtures("plain_static_files"),
]
_FILL_EVENTS = """
    INSERT INTO correspondence_statusevent (correspondence_id, status, text, at, party)
    SELECT id, 0, '', due_at, '' FROM correspondence_correspondence"""
_FILL_AUDIT = """
    INSERT INTO audit_auditentry (at, by, deed, target_type, target_id, owner, reason, details)
    SELECT due_at, 'kari', 'retried', 'correspondence.correspondence', id::text, '', '', '{}'
    FROM correspondence_correspondence LIMIT 200000"""


@pytest.fixture
def letter_id(transactional_db: None) -> Iterator[str]:
    """The first of a mailing of 500, among a million others with their histories."""
    logging.disable(logging.INFO)
    with million.filled(ROWS):
        with connection.cursor() as cursor:
            cursor.execute(_FILL_EVENTS)
            cursor.execute(_FILL_AUDIT)
        token = development_issuer.organization_token(
            million.number_of(million.BIG), scope=None, now=clock.now(), lifetime=timedelta(hours=1)
        )
        body = letter(*organizations(500), resourceId=million.resource_of(million.BIG))
        answer = Client(token).post(body)
        assert answer.status_code == 200, answer.content
        first = Correspondence.objects.get(pk=answer.json()["correspondences"][0]["correspondenceId"])
        actions.queue_mailing(mailing_id=first.mailing_id, now=clock.now())
        actions.publish_due(clock=clock.now)
        fetched = {"status": Status.FETCHED, "text": "", "at": clock.now(), "party": first.recipient}
        StatusEvent.objects.bulk_create(StatusEvent(correspondence=first, **fetched) for _ in range(1_000))
        record(Deed.RETRIED, by="kari", now=clock.now(), target=first)
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM ANALYZE {', '.join(TABLES)}")
        yield str(first.pk)
    logging.disable(logging.NOTSET)


def test_letter_page_and_its_mailings(letter_id: str) -> None:
    client = DjangoClient()
    client.force_login(get_user_model().objects.create_superuser("chief"))
    mailing_id = Correspondence.objects.get(pk=letter_id).mailing_id
    wrong = []
    for path in (
        f"correspondence/{letter_id}",
        f"mailing/{mailing_id}",
        f"correspondence/?mailing__exact={mailing_id}",
    ):
        address = f"/admin/correspondence/{path}" if "?" in path else f"/admin/correspondence/{path}/change/"
        client.get(address)
        start = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        whole = 1000 * (time.perf_counter() - start)
        in_sql = sum(float(query["time"]) for query in queries) * 1000
        print(f"\n{path}: {len(queries)} queries, {in_sql:.1f} ms of SQL, {whole:.1f} ms in all")
        for query in queries:
            if query["sql"].startswith("SELECT"):
                wrong += _looked(query["sql"])
    assert wrong == []


def _looked(sql: str) -> list[str]:
    asked: Query = (sql.replace("%", "%%"), [])
    plan = plan_of(asked)
    table = sql.split(" FROM ")[1].split(maxsplit=1)[0]
    print(f"  {plan.milliseconds:7.2f} ms {plan.rows_looked_at:6} rows  {table} {plan.indexes}")
    read_through = plan.tables_read_through & {"correspondence_correspondence", "correspondence_mailing", *TABLES}
    return [f"{table}: read through" for _ in read_through]
