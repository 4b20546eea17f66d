"""What Prometheus scrapes of a service with several processes: sums that stay right whoever is killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import yaml

from config.devtools.run_dir import ROOT
from tests.acceptance.ledger import Ledger
from tests.acceptance.rig import Rig, frozen, stopped
from tests.acceptance.sender import Sender, new_reference
from tests.acceptance.service import Service, children
from tests.acceptance.waiting import until

pytestmark = pytest.mark.e2e

REQUESTS, ROUTE = "correspondence_http_requests_total", "/correspondence/api/v1/correspondence"


def posts(service: Service) -> float:
    return service.metrics("web").sum(REQUESTS, method="POST", route=ROUTE, status="200")


def published(service: Service) -> float:
    return service.metrics("worker").sum("correspondence_publish_total", outcome="published")


def files(service: Service, part: str) -> set[str]:
    """Those that the part's children count into."""
    [folder] = (service.run_dir / "metrics").glob(f"{part}-*")
    return {path.name for path in folder.iterdir()}


def send(sender: Sender, times: int) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: sender.send(sender.letter(new_reference())), range(times)))


def await_equal(look: Callable[[], float], expected: float) -> None:
    until(lambda: look() == expected)


def kill_a_child(rig: Rig, part: str) -> None:
    """Kill -9 one of the two, and wait for another in its place."""
    before = children(rig.service.pid(part))
    assert len(before) == 2
    os.kill(before[0], signal.SIGKILL)
    until(lambda: len(now := children(rig.service.pid(part))) == 2 and before[0] not in now)


def test_the_sums_of_two_web_processes_outlive_a_kill_9_of_one(rig: Rig, rig_sender: Sender) -> None:
    before, names = posts(rig.service), files(rig.service, "web")
    send(rig_sender, 20)
    assert posts(rig.service) == before + 20

    kill_a_child(rig, "web")
    rig.service.await_health()
    send(rig_sender, 20)

    assert posts(rig.service) == before + 40
    assert rig.service.metrics("web").sum("correspondence_http_requests_in_progress") == 0
    assert files(rig.service, "web") <= names | {f"{kind}_{n}.db" for kind in ("counter", "histogram") for n in (0, 1)}


def test_what_a_worker_has_published_outlives_a_kill_9_of_its_process(
    rig: Rig, rig_sender: Sender, rig_ledger: Ledger
) -> None:
    until(lambda: rig_ledger.overdue() == 0, seconds=60)
    time.sleep(1)  # counted after the commit
    before, lags = published(rig.service), lag_count(rig.service)
    send(rig_sender, 4)
    await_equal(lambda: published(rig.service), before + 4)

    time.sleep(1)  # nothing is in its hands
    kill_a_child(rig, "worker")
    send(rig_sender, 4)

    await_equal(lambda: published(rig.service), before + 8)
    assert lag_count(rig.service) == lags + 8


def lag_count(service: Service) -> float:
    return service.metrics("worker").sum("correspondence_publish_lag_seconds_count")


def test_after_a_restart_nothing_is_counted_of_the_processes_before(rig: Rig, rig_sender: Sender) -> None:
    send(rig_sender, 1)
    assert posts(rig.service) > 0

    rig.service.await_another("web", than=rig.service.kill_9("web"))
    assert posts(rig.service) == 0
    send(rig_sender, 3)

    assert posts(rig.service) == 3


def test_no_label_holds_what_a_client_makes_up(service: Service, sender: Sender) -> None:
    [letter] = sender.send(sender.letter(new_reference()))
    sender.overview(letter)
    requests.request("BREW", f"{service.base_url}/made-up", timeout=10)
    requests.get(f"{service.base_url}/static/made-up.js", timeout=10)

    told = service.metrics("web")

    assert told.sum(REQUESTS, route=f"{ROUTE}/<str:correspondenceId>") >= 1
    assert told.sum(REQUESTS, method="other", route="unknown", status="404") >= 1
    assert told.sum(REQUESTS, route="static", status="404") >= 1
    assert not any("made-up" in value or letter in value or "BREW" in value for value in told.label_values)


def test_no_label_is_one_that_prometheus_gives_to_the_part_it_scrapes(service: Service, sender: Sender) -> None:
    sender.send(sender.letter(new_reference()))
    read = yaml.safe_load((ROOT / "docker" / "prometheus" / "prometheus.yaml").read_text())
    given = {name for job in read["scrape_configs"] for group in job["static_configs"] for name in group["labels"]}

    until(lambda: "task" in service.metrics("worker").labels)
    ours = set().union(*(service.metrics(part).labels for part in ("web", "worker", "beat")))

    assert {"route", "task", "part", "state"} <= ours
    assert ours & {*given, "job", "instance"} == set()


def test_the_queue_is_told_by_beat_alone(rig: Rig, rig_sender: Sender) -> None:
    rig_sender.send(rig_sender.letter(new_reference(), requestedPublishTime="2099-01-01T00:00:00Z", recipients=3))

    until(lambda: rig.service.metrics("beat").sum("correspondence_queue_letters", state="scheduled") >= 3)

    assert rig.service.metrics("beat").by("correspondence_part_up", "part") == {"broker": 1, "database": 1}
    for part in ("web", "worker"):
        assert "correspondence_queue_letters" not in rig.service.metrics(part).names


def test_beat_that_is_away_is_seen_by_the_last_sweep(rig: Rig) -> None:
    def last() -> float:
        by_task = rig.service.metrics("worker").by("correspondence_task_last_success_timestamp_seconds", "task")
        return by_task.get("correspondence.sweep", 0)

    first = until(last)
    until(lambda: last() > first)


def test_a_scrape_tells_that_a_part_is_away_and_how_the_other_stands(rig: Rig) -> None:
    with stopped(rig.valkey):
        until(lambda: parts(rig) == {"broker": 0, "database": 1})
        assert "correspondence_queue_letters" in rig.service.metrics("beat").names
    with frozen(rig.postgres):
        until(lambda: parts(rig) == {"broker": 1, "database": 0}, seconds=30)
        assert "correspondence_broker_queue_messages" in rig.service.metrics("beat").names
    until(lambda: parts(rig) == {"broker": 1, "database": 1}, seconds=30)


def parts(rig: Rig) -> dict[str, float]:
    return rig.service.metrics("beat").by("correspondence_part_up", "part")
