"""What a search costs among a million letters, and what its indexes cost those who write. Asserts nothing on a clock.

Run by `make bench ARGS="-k search"`. PostgreSQL runs with its defaults, and fsync off.
"""
# ruff: noqa: T201 - its tables are what it is for

import json
import logging
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client
from uuid_utils.compat import uuid7

from config.kernel import clock, development_issuer
from config.kernel.caller import Caller, IssuerKind
from correspondence import actions
from correspondence.actions.store import AcceptedLetter, copy_letters
from correspondence.models import Correspondence, Mailing
from correspondence.search import MOST_IDS, Role, Search, search
from correspondence.statuses import Status
from recipients.identifiers import organization_urn
from tests.bench import million
from tests.bench.plans import Plan, noting, plan_of
from tests.letters import letter, organizations

ROWS = 1_000_000
API = "/correspondence/api/v1"
SCOPE = "altinn:correspondence.read altinn:correspondence.write"
LETTERS, MAILINGS, KEYS = "correspondence_correspondence", "correspondence_mailing", "correspondence_idempotencykey"
ROUNDS, READS, RECIPIENTS = 12, 20, 500
# Without a reference a search reads what it answers; a bitmap counts twice. With one it looks at mailings too, and
# passes by those with another reference; where few have it, all of them are looked up and sorted.
MOST_ROWS, MOST_ROWS_WITH_REFERENCE = 2 * MOST_IDS, 20 * MOST_IDS

YEAR, DAY = timedelta(days=365), timedelta(days=1)
# Who looks, and at whose resource: one that sends and receives much, one that sends little, one that gets a little of
# much, one that has nothing.
PARTIES = {
    "big": (million.BIG, million.BIG),
    "small": (million.SMALL[0], million.SMALL[0]),
    "few": (million.SMALL[6], million.BIG),
    "nobody": (million.NOBODY, million.BIG),
}
FILTERS: dict[str, dict[str, Any]] = {
    "": {},
    "rare reference": {"senders_reference": million.RARE},
    "old reference": {"senders_reference": million.OLD},
    "common reference": {"senders_reference": million.COMMON},
    "key": {"idempotency_key": million.KEY},
}

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]


class Looked(NamedTuple):
    """One query of one search."""

    name: str
    milliseconds: float  # of the whole search
    found: int
    plan: Plan

    def __str__(self) -> str:
        plan = self.plan
        numbers = f"{self.milliseconds:>7.1f}{self.found:>6}{plan.rows_looked_at:>11}{plan.rows_sorted:>8}"
        return f"{numbers}  {self.name}: {', '.join(plan.indexes)}"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The service's log lines would stand between those of the tables."""
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: Any) -> Iterator[datetime]:
    """A million letters; what is due at the moment given is out."""
    start = time.perf_counter()
    with django_db_blocker.unblock(), million.filled(ROWS) as now:
        print(f"\n\n{ROWS:,} letters, filled in {time.perf_counter() - start:.0f} s")
        yield now


def test_every_combination(filled: datetime) -> None:
    """Each role, status, time and filter, for each kind of party."""
    looked = [each for combination in _combinations(filled) for each in _looked(*combination)]
    times = sorted(each.milliseconds for each in looked)
    print(f"\n{len(looked)} queries; searches took {statistics.median(times):.1f} ms in the median,", end=" ")
    print(f"{times[len(times) * 99 // 100]:.1f} ms the slowest one in a hundred")
    _print("those that looked at most", sorted(looked, key=lambda each: -each.plan.rows_looked_at)[:5])
    _print("the slowest", sorted(looked, key=lambda each: -each.milliseconds)[:20])
    _print_by_indexes(looked)

    wrong = [str(each) for each in looked if not _is_right(each.plan, "reference" in each.name)]
    assert not wrong


def _combinations(now: datetime) -> Iterator[tuple[str, Caller, Search]]:
    times: dict[str, dict[str, Any]] = {
        "": {},
        "from": {"start": now - YEAR},
        "to": {"end": now - YEAR},
        "a day": {"start": now - YEAR, "end": now - YEAR + DAY},
        "a year": {"start": now - 1.5 * YEAR, "end": now - 0.5 * YEAR},
    }
    statuses = {"": None, **{status.label: status for status in Status}}
    for party, role, status, when, narrowed in product(PARTIES, Role, statuses, times, FILTERS):
        number, sender = PARTIES[party]
        caller = Caller(kind=IssuerKind.ALTINN, organization=million.number_of(number))
        resource = million.resource_of(sender)
        wanted = Search(resource, role, status=statuses[status], **times[when], **FILTERS[narrowed])
        yield ", ".join(filter(None, (party, role.name, status, when, narrowed))), caller, wanted


def _looked(name: str, caller: Caller, wanted: Search) -> Iterator[Looked]:
    start = time.perf_counter()
    with noting(LETTERS) as queries:
        found = search(caller=caller, wanted=wanted)
    milliseconds = (time.perf_counter() - start) * 1000
    for query in queries:
        yield Looked(name, milliseconds, len(found), plan_of(query))


def _is_right(plan: Plan, has_reference: bool) -> bool:
    most = MOST_ROWS_WITH_REFERENCE if has_reference else MOST_ROWS
    whole = plan.tables_read_through & {LETTERS, MAILINGS, KEYS}
    return not whole and plan.rows_looked_at <= most and plan.rows_sorted <= most


def _print(title: str, looked: list[Looked]) -> None:
    print(f"\n{title}:\n{'ms':>7}{'ids':>6}{'looked at':>11}{'sorted':>8}")
    for each in looked:
        print(each)


def _print_by_indexes(looked: list[Looked]) -> None:
    print(f"\n{'queries':>7}{'looked at, at most':>20}{'ms, median':>12}{'at most':>9}  indexes")
    groups: dict[str, list[Plan]] = {}
    for each in looked:
        groups.setdefault(" + ".join(each.plan.indexes), []).append(each.plan)
    for indexes, plans in sorted(groups.items(), key=lambda group: -len(group[1])):
        times = sorted(plan.milliseconds for plan in plans)
        most = max(plan.rows_looked_at for plan in plans)
        print(f"{len(plans):>7}{most:>20}{statistics.median(times):>12.2f}{times[-1]:>9.2f}  {indexes}")


# --- what the indexes cost --------------------------------------------------------------------------------------------


def test_size(filled: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_relation_size(oid) FROM pg_class WHERE oid = %s::regclass OR oid IN"
            " (SELECT indexrelid FROM pg_index WHERE indrelid = %s::regclass) ORDER BY 2 DESC",
            [LETTERS, LETTERS],
        )
        sizes = cursor.fetchall()
    print(f"\n\n{'on disk':<42}{'MB':>8}")
    for name, size in sizes:
        print(f"{name:<42}{size / 1_000_000:>8.2f}")


def test_write_path(filled: datetime) -> None:
    """What those who write pay for the indexes of search, in turns; everything is rolled back."""
    _round(drop=False)
    with_them, without = [], []
    for _ in range(ROUNDS):
        with_them.append(_round(drop=False))
        without.append(_round(drop=True))
    print(f"\n\n{f'{ROUNDS} rounds of each, in turns':<34}{'with':>12}{'without':>12}{'ratio':>8}", end="")
    print(f"{'WAL, kB':>12}{'without':>12}{'ratio':>8}")
    for name in with_them[0]:
        cells = []
        for place, unit in ((0, 1000), (1, 1 / 1000)):
            both = [statistics.median(each[name][place] for each in rounds) * unit for rounds in (with_them, without)]
            cells.append(f"{both[0]:>12.2f}{both[1]:>12.2f}{both[0] / both[1]:>8.2f}")
        print(f"{name + ', ms':<34}{''.join(cells)}")


def _round(*, drop: bool) -> dict[str, tuple[float, int]]:
    """Seconds and bytes of WAL that each of the steps took."""
    with transaction.atomic():
        if drop:
            _drop_search_indexes()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a COMMIT would check them
        _post(1)  # loads what the first request of a changed schema loads
        taken = {f"COPY of {RECIPIENTS} letters": _measured(_copy)}
        taken[f"POST with {RECIPIENTS} recipients"] = _measured(lambda: _post(RECIPIENTS))
        taken[f"queue and publish {RECIPIENTS}"] = _measured(_publish)
        reads = _reads()
        taken[f"Fetched and Read of {len(reads)}"] = _measured(lambda: [read() for read in reads])
        transaction.set_rollback(True)
    return taken


def _measured(act: Callable[[], object]) -> tuple[float, int]:
    start, written = time.perf_counter(), _written()
    act()
    return time.perf_counter() - start, _written() - written


def _written() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        [position] = cursor.fetchone()
    return int(position)


def _drop_search_indexes() -> None:
    names = [index.name for index in Correspondence._meta.indexes if "sent" in index.name or "received" in index.name]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {', '.join(names)}")


def _copy() -> None:
    mailing = Mailing.objects.filter(resource=million.resource_of(million.BIG))[0]
    urns = (organization_urn(str(number)) for number in range(200_000_000, 200_000_000 + RECIPIENTS))
    letters = [AcceptedLetter(uuid7(), urn, "", Status.INITIALIZED) for urn in urns]
    copy_letters([(mailing, letters)], mailing.created_by)


def _post(count: int) -> None:
    body = letter(*organizations(count), resourceId=million.resource_of(million.BIG))
    client = _client(million.number_of(million.BIG))
    answer = client.post(f"{API}/correspondence", json.dumps(body), "application/json")
    assert answer.status_code == 200, answer.content


def _publish() -> None:
    for mailing in Mailing.objects.unqueued():
        actions.queue_mailing(mailing_id=mailing.pk, now=clock.now())
    assert actions.publish_due(clock=clock.now) >= RECIPIENTS


def _reads() -> list[Callable[[], object]]:
    """Calls of recipients who read their letter for the first time."""
    letters = Correspondence.objects.filter(mailing__recipient_count=RECIPIENTS)[:READS]
    return [partial(_read, _client(letter.recipient[-9:]), letter.pk) for letter in letters]


def _read(client: Client, letter_id: UUID) -> None:
    answer = client.get(f"{API}/correspondence/{letter_id}/content")
    assert answer.status_code == 200, answer.content


def _client(organization: str) -> Client:
    hour = timedelta(hours=1)
    token = development_issuer.organization_token(organization, scope=SCOPE, now=clock.now(), lifetime=hour)
    return Client(headers={"Authorization": f"Bearer {token}"})
