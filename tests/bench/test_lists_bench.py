"""What the long lists of the back-office cost among a million letters. Asserts nothing on a clock.

Run by `make bench ARGS="-k lists"`. PostgreSQL runs with its defaults, and fsync off.
"""
# ruff: noqa: T201 - its table is what it is for

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import islice
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client

from registry.models import Membership
from tests.bench import caseload
from tests.bench.caseload import COMMON, FEW, LONG_AGO, MOST

MAILINGS, PER_MAILING, ATTACHMENTS = 333_400, 3, 100_000
LETTERS = "/admin/correspondence/correspondence/"
LISTS = {"letters": LETTERS, "mailings": "/admin/correspondence/mailing/", "files": "/admin/attachments/attachment/"}
ROUNDS = 3
A_YEAR_AGO = date.today() - timedelta(days=365)  # noqa: DTZ011 - a day somewhere in the middle
A_MONTH_ON = A_YEAR_AGO + timedelta(days=30)
A_DAY_AHEAD = A_YEAR_AGO + timedelta(days=700)

FILTERS = {
    "letters": {
        "Failed": "status__exact=11",
        "Published": "status__exact=2",
        "Confirmed": "status__exact=6",
        "ReadyForPublish": "status__exact=1",
        "Reserved (none)": "status__exact=10",
        "waiting": "queue_state__exact=waiting",
        "ready": "queue_state__exact=ready",
        "set aside": "queue_state__exact=set_aside",
        "waits 10 min": "waiting=10m",
        "waits a day": "waiting=1d",
        "publish a day ahead": f"publish_from={A_DAY_AHEAD}&publish_to={A_DAY_AHEAD}",
        "publish in a past week": f"publish_from={A_YEAR_AGO}&publish_to={A_YEAR_AGO + timedelta(days=6)}",
        "Failed in a past month": f"status__exact=11&created_from={A_YEAR_AGO}&created_to={A_MONTH_ON}",
        "Confirmed, waiting (none)": "status__exact=6&queue_state__exact=waiting",
    },
    "mailings": {},
    "files": {"Failed": "status__exact=4"},
}
OF_ALL = {
    "of most": f"owner__id__exact={MOST}",
    "of few": f"owner__id__exact={FEW}",
    "of long ago": f"owner__id__exact={LONG_AGO}",
    "a resource": "resource__id__exact=tjeneste-17",
    "resources by name": "resource=tjeneste-17",
    "a past day": f"created_from={A_YEAR_AGO}&created_to={A_YEAR_AGO}",
    "the first year": f"created_to={A_YEAR_AGO}",
    "of few in a past day": f"owner__id__exact={FEW}&created_from={A_YEAR_AGO}&created_to={A_YEAR_AGO}",
}
SEARCHES = {
    "person of one": caseload.PERSON_OF_ONE,
    "person of many": caseload.PERSON_OF_MANY,
    "organisation": "200 000 123",
    "nobody": "974 760 673",
    "rare reference": caseload.RARE_REFERENCE,
    "common reference": caseload.COMMON_REFERENCE,
    "an id of none": "01a20f95-3f06-7124-bbc9-1984be01f9dd",
}
USERS = {"administrator": (), "of most": (MOST,), "of few": (FEW,), "of long ago": (LONG_AGO,),
         "of twenty": (FEW, *range(COMMON, COMMON + 19))}  # fmt: skip


@contextmanager
def timing() -> Iterator[list[tuple[float, str]]]:
    """Milliseconds and text of every statement."""
    asked: list[tuple[float, str]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        start = time.perf_counter()
        answer = execute(sql, params, many, context)
        asked.append((1000 * (time.perf_counter() - start), sql))
        return answer

    with connection.execute_wrapper(note):
        yield asked


def client_of(name: str, owners: tuple[int, ...]) -> Client:
    user: Any = get_user_model().objects.create_user(name, is_staff=True, is_superuser=not owners)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_").exclude(
        codename="view_every_owner"))  # fmt: skip
    Membership.objects.bulk_create(Membership(user=user, owner_id=owner) for owner in owners)
    client = Client()
    client.force_login(user)
    return client


def report(user: str, what: str, client: Client, address: str) -> Any:
    """One line: the median of some rounds, the slowest statement, how many statements, and where one stands."""
    runs = []
    for _ in range(ROUNDS):
        with timing() as asked:
            page = client.get(address)
        assert page.status_code == 200, (address, page.status_code)
        runs.append((sum(ms for ms, _ in asked), max(asked), len(asked)))
    total, (slowest, sql), count = sorted(runs)[len(runs) // 2]
    cl = page.context["cl"]
    mark = "  <<<<" if total > 200 else ""
    print(f"{user:14} {what:38} {total:7.1f} ms {count:3} statements, slowest {slowest:6.1f}  {cl.position}{mark}")
    if mark:
        print("    ", re.sub(r"^SELECT .*? FROM", "SELECT … FROM", sql)[:400])
    return cl


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The service's log lines would stand between those of the table."""
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("plain_static_files", "cheap_passwords")
def test_lists(capsys: pytest.CaptureFixture[str]) -> None:
    start = time.perf_counter()
    with caseload.filled(MAILINGS, PER_MAILING, ATTACHMENTS), capsys.disabled():
        print(f"\nfilled in {time.perf_counter() - start:.0f} s")
        for user, owners in USERS.items():
            client = client_of(user, owners)
            for kind, path in LISTS.items():
                look_through(user, client, kind, path, owners)


def look_through(user: str, client: Client, kind: str, path: str, owners: tuple[int, ...]) -> None:
    cl = report(user, kind, client, path)
    for step in range(3):
        if cl.older_link:
            cl = report(user, f"{kind}, older ({step + 2}nd page)", client, path + cl.older_link)
    if cl.newer_link:
        report(user, f"{kind}, newer", client, path + cl.newer_link)
    for name, query in {**FILTERS[kind], **OF_ALL}.items():
        if "of " in name and len(owners) == 1:
            continue
        found = report(user, f"{kind}, {name}", client, f"{path}?{query}")
        if found.older_link:
            report(user, f"{kind}, {name}, older", client, path + found.older_link)
    for name, term in SEARCHES.items():
        address = client.post(f"{path}find/", {"term": term})["Location"]
        report(user, f"{kind}, search {name}", client, address)
    if user in ("administrator", "of few"):
        started = time.perf_counter()
        with timing() as asked:
            answer: Any = client.post(f"{path}export/")
            size = sum(len(piece) for piece in islice(answer._iterator, 50))
            answer._iterator.close()
        worst = max(asked)[0]
        print(f"{user:14} {kind}, export of 50,000: {size / 1e6:.1f} MB, {time.perf_counter() - started:.1f} s, "
              f"{len(asked)} statements, slowest {worst:.0f} ms")  # fmt: skip
