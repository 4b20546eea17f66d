"""Gauges that are read at a scrape: how the database's tables and the broker stand. One process tells them."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

import structlog
from django.db import Error as DatabaseFault
from django.db import connection, transaction
from prometheus_client.core import GaugeMetricFamily

from config.kernel import clock, queue

# Whoever asks again earlier is told the same: scrapes cannot load the database.
FRESH_SECONDS = 5.0
_MOST_MILLISECONDS = 2000  # of one statement
_PART_UP = "correspondence_part_up"

Values = Mapping[str, float]

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """One gauge. `read` answers a value for each value of the label; `""` where the gauge has none."""

    name: str
    text: str
    read: Callable[[datetime], Values]
    label: str = ""
    part: str = "database"

    def family(self, values: Values) -> GaugeMetricFamily:
        """What is scraped."""
        family = GaugeMetricFamily(self.name, self.text, labels=[self.label] if self.label else [])
        for label, value in values.items():
            family.add_metric([label] if self.label else [], value)
        return family


_readings: dict[str, Reading] = {}


def add(*readings: Reading) -> None:
    """These are told too; an app says so when it is ready. Twice is once."""
    _readings.update({reading.name: reading for reading in readings})


def names() -> list[str]:
    """Of all gauges that are told."""
    return [*_readings, _PART_UP]


class Readings:
    """prometheus_client's collector of them all. What cannot be read is left out, and its part is not up."""

    def __init__(self) -> None:
        self._lock, self._read_at, self._families = Lock(), 0.0, list[GaugeMetricFamily]()

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing is read only to be registered."""
        return [GaugeMetricFamily(name, "") for name in names()]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        with self._lock:
            if not self._read_at or time.monotonic() - self._read_at >= FRESH_SECONDS:
                self._families = list(_read_all(clock.now()))
                self._read_at = time.monotonic()
            return self._families


def _read_all(now: datetime) -> Iterator[GaugeMetricFamily]:
    up: dict[str, float] = {}
    try:
        for reading in _readings.values():
            if up.setdefault(reading.part, 1.0):  # a part that is gone is not waited for again and again
                try:
                    yield reading.family(_bounded(reading, now))
                except (DatabaseFault, queue.BrokerUnreachable) as error:
                    up[reading.part] = 0.0
                    logger.warning("gauge_not_read", gauge=reading.name, error=str(error))
    finally:
        connection.close()  # each scrape has a thread of its own
    parts = GaugeMetricFamily(_PART_UP, "Whether a part outside answers: 1, or 0.", labels=["part"])
    for part, value in up.items():
        parts.add_metric([part], value)
    yield parts


def _bounded(reading: Reading, now: datetime) -> Values:
    if reading.part != "database":
        return reading.read(now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(_MOST_MILLISECONDS)])
        return reading.read(now)


def _queue_lengths(now: datetime) -> Values:
    return {name: queue.length(name) for name in queue.QUEUES}


add(
    Reading(
        "correspondence_broker_queue_messages",
        "Messages that wait in a queue of the broker.",
        _queue_lengths,
        label="queue",
        part="broker",
    )
)
