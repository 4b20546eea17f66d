"""What a POST costs: time beside the floor (floor.py), SQL statements, broker messages. Asserts nothing on a clock.

Run by `make bench`. Both sides run in a gunicorn of their own with the service's config/gunicorn.py, on the same
PostgreSQL (fsync off). Calls are made one at a time over one open connection for each side, in turns.
"""
# ruff: noqa: T201 - its tables are what it is for

import json
import logging
import os
import socket
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config.devtools.processes import free_port
from config.devtools.services import Web
from config.kernel import clock, development_issuer
from config.kernel.queue import MAINTENANCE, PUBLISH, QUEUE
from correspondence import actions
from correspondence.models import Correspondence
from registry import actions as registry_actions
from tests.letters import letter, organizations

OWNER, RESOURCE = "991825827", "bench"
PATH, FLOOR_PATH = "/correspondence/api/v1/correspondence", "/floor"
WARM_UP, ROUNDS = 30, 300
COUNTS = (1, 500)

Call = Callable[[], None]


class Floor(Web):
    """The floor's view behind the same server."""

    def command(self) -> list[str]:
        return [*super().command()[:-1], "django.core.wsgi:get_wsgi_application()"]

    def is_ready(self) -> bool:
        host, port = self.bind.split(":")
        with socket.socket() as probe:
            return self.is_alive() and probe.connect_ex((host, int(port))) == 0


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def registry(transactional_db: None) -> None:
    """Committed rows: the two servers are other processes."""
    owner = registry_actions.register_owner(organization_number=OWNER, now=clock.now())
    registry_actions.register_resource(resource_id=RESOURCE, owner=owner, now=clock.now())


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The service's log lines would stand between those of the tables."""
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def token() -> str:
    return development_issuer.organization_token(OWNER, scope=None, now=clock.now(), lifetime=timedelta(hours=1))


@pytest.fixture(scope="module")
def service(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    yield from _served(Web, tmp_path_factory.mktemp("service"), "config.settings")


@pytest.fixture(scope="module")
def floor(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    yield from _served(Floor, tmp_path_factory.mktemp("floor"), "tests.bench.floor_settings")


def _served(kind: type[Web], folder: Path, settings_module: str) -> Iterator[Web]:
    database = urlsplit(settings.DATABASE_URL)._replace(path="/" + connection.settings_dict["NAME"])
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": urlunsplit(database),
        "DJANGO_SETTINGS_MODULE": settings_module,
        "BASE_URL": f"http://127.0.0.1:{port}",
    }
    web = kind(folder / "log", environment, "127.0.0.1", port)
    web.start()
    yield web
    web.stop(10)


def test_time(service: Web, floor: Web, token: str) -> None:
    with closing(_connect(floor)) as to_floor, closing(_connect(service)) as to_service:
        calls = {
            "floor: one row": _poster(to_floor, FLOOR_PATH, token, {"name": "Ola", "email": "ola@example.com"}),
            **{_label(count): _poster(to_service, PATH, token, _letter(count)) for count in COUNTS},
        }
        for _ in range(WARM_UP):
            _timed(calls)
        rounds = [_timed(calls) for _ in range(ROUNDS)]
    floor_median = statistics.median(each["floor: one row"] for each in rounds)
    print(f"\n\n{f'{ROUNDS} calls of each, in turns':<34}{'median':>11}{'9 of 10':>11}{'to floor':>10}")
    for name in calls:
        times = sorted(each[name] for each in rounds)
        median, ninth = statistics.median(times), times[len(times) * 9 // 10]
        print(f"{name:<34}{median * 1000:>8.2f} ms{ninth * 1000:>8.2f} ms{median / floor_median:>10.2f}")


@pytest.mark.parametrize("count", COUNTS)
def test_statements_and_messages(count: int, token: str) -> None:
    broker = redis.Redis.from_url(settings.REDIS_URL)
    with closing(broker):
        broker.flushdb()
        client = Client(headers={"Authorization": f"Bearer {token}"})
        with CaptureQueriesContext(connection) as statements:
            answer = client.post(PATH, json.dumps(_letter(count)), "application/json")
        assert answer.status_code == 200, answer.content
        posted = _waiting(broker)
        first = Correspondence.objects.get(pk=answer.json()["correspondences"][0]["correspondenceId"])
        with CaptureQueriesContext(connection) as queueing:
            actions.queue_mailing(mailing_id=UUID(str(first.mailing_id)), now=clock.now())
        queued = _waiting(broker) - posted
        broker.flushdb()
    print(f"\n\n{_label(count)}: {len(statements)} SQL statements, {_said(posted)}")
    for statement in statements.captured_queries:
        print(f"    {' '.join(statement['sql'].split())[:100]}")
    print(f"then queue_mailing: {len(queueing)} SQL statements, {_said(queued)}")


def _letter(count: int) -> dict[str, Any]:
    return letter(*organizations(count), resourceId=RESOURCE)


def _label(count: int) -> str:
    return f"POST with {count} recipient{'s' if count > 1 else ''}"


def _connect(web: Web) -> HTTPConnection:
    return HTTPConnection(web.bind, timeout=30)


def _poster(to: HTTPConnection, path: str, token: str, body: dict[str, Any]) -> Call:
    raw = json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call() -> None:
        to.request("POST", path, raw, headers)
        answer = to.getresponse()
        text = answer.read()
        assert answer.status == 200, text

    return call


def _timed(calls: dict[str, Call]) -> dict[str, float]:
    """Seconds of one call of each."""
    times = {}
    for name, call in calls.items():
        start = time.perf_counter()
        call()
        times[name] = time.perf_counter() - start
    return times


def _waiting(broker: redis.Redis) -> Counter[str]:
    """Messages in each queue of the broker; no worker takes any."""
    return Counter({name: int(str(broker.llen(name))) for name in (QUEUE, PUBLISH, MAINTENANCE)})


def _said(messages: Counter[str]) -> str:
    parts = ", ".join(f"{number} to {name}" for name, number in messages.items() if number)
    return f"broker messages: {parts or 'none'}"
