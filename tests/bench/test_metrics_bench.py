"""What seeing into the service costs: a POST with metrics beside one without, and a reading at a million letters.

Run by `make bench`. Both sides of a POST run in a gunicorn of their own, on the same PostgreSQL, called in turns.
"""
# ruff: noqa: T201 - its tables are what it is for

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.devtools.processes import free_port
from config.devtools.services import Web
from config.kernel import clock
from correspondence.gauges import READINGS
from tests.bench.million import filled
from tests.bench.test_initialize_bench import _connect, _letter, _poster, _timed, quiet, registry, token

__all__ = ["quiet", "registry", "token"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1200)]

ROUNDS, ROWS = 600, 1_000_000
PATH = "/correspondence/api/v1/correspondence"


@contextmanager
def served(folder: Path, **more: str) -> Iterator[Web]:
    database = urlsplit(settings.DATABASE_URL)._replace(path="/" + connection.settings_dict["NAME"])
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": urlunsplit(database),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "WEB_WORKERS": "1",
        **more,
    }
    folder.mkdir()
    web = Web(folder / "log", environment, "127.0.0.1", port)
    try:
        web.start()
        yield web
    finally:
        web.stop(10)


def test_a_post_with_and_without(tmp_path: Path, token: str) -> None:
    port = free_port()
    counting = {"METRICS_PORT": str(port), "METRICS_DIR": str(tmp_path / "metrics")}
    with served(tmp_path / "off") as off, served(tmp_path / "on", **counting) as on:
        with closing(_connect(off)) as to_off, closing(_connect(on)) as to_on:
            calls = {name: _poster(to, PATH, token, _letter(1)) for name, to in (("off", to_off), ("on", to_on))}
            for _ in range(50):
                _timed(calls)
            rounds = [_timed(calls) for _ in range(ROUNDS)]
        started = time.perf_counter()
        told = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
        scrape = time.perf_counter() - started
    off_ms, on_ms = (statistics.median(each[name] for each in rounds) * 1000 for name in ("off", "on"))
    print(f"\n\nPOST, {ROUNDS} in turns: off {off_ms:.2f} ms, on {on_ms:.2f} ms, ratio {on_ms / off_ms:.3f}")
    print(f"one scrape of web: {scrape * 1000:.1f} ms, {len(told):,} bytes")


def test_a_reading_at_a_million_letters() -> None:
    with filled(ROWS):
        for reading in READINGS:
            for _ in range(3):
                started = time.perf_counter()
                values = reading.read(clock.now())
                print(f"\n{reading.name}: {(time.perf_counter() - started) * 1000:.1f} ms {dict(values)}", end="")
            with CaptureQueriesContext(connection) as queries:
                reading.read(clock.now())
            for query in queries:
                with connection.cursor() as cursor:
                    cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + query["sql"])
                    print("\n   ", "\n    ".join(line for (line,) in cursor.fetchall()[:3]), end="")
    print()
