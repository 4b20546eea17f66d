"""Gauges that are read at a scrape: the rest is told where a part is away, and nobody reads twice at once."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from prometheus_client import CollectorRegistry, generate_latest

from config.kernel import readings
from config.kernel.readings import Readings
from tests.messages import NOBODY
from tests.metrics import Metrics

pytestmark = pytest.mark.django_db(transaction=True)


def scraped(collector: Readings) -> Metrics:
    registry = CollectorRegistry()
    registry.register(collector)
    return Metrics(generate_latest(registry).decode())


def test_a_scrape_tells_every_gauge_that_there_is() -> None:
    assert scraped(Readings()).names == set(readings.names())


def test_without_the_database_the_broker_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    connection.close()

    told = scraped(Readings())

    assert told.names == {"correspondence_broker_queue_messages", "correspondence_part_up"}
    assert told.by("correspondence_part_up", "part") == {"broker": 1, "database": 0}


def test_without_the_broker_the_tables_are_told(broker_at: Callable[[str], None]) -> None:
    broker_at(NOBODY)

    told = scraped(Readings())

    assert told.names == set(readings.names()) - {"correspondence_broker_queue_messages"}
    assert told.by("correspondence_part_up", "part") == {"broker": 0, "database": 1}


def test_whoever_asks_again_at_once_is_told_the_same_without_a_query() -> None:
    collector = Readings()
    scraped(collector)

    with CaptureQueriesContext(connection) as queries:
        scraped(collector)

    assert len(queries) == 0


def test_no_statement_may_take_longer_than_two_seconds() -> None:
    with CaptureQueriesContext(connection) as queries:
        scraped(Readings())

    limits = [query["sql"] for query in queries if "statement_timeout" in query["sql"]]
    from_tables = [reading for reading in readings._readings.values() if reading.part == "database"]
    assert len(limits) == len(from_tables)
    assert all("'2000'" in sql for sql in limits)
