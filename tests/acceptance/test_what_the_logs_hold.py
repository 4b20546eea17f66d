"""The logs of both services after all other tests: JSON, traceable, nobody's person number. Its name keeps it last."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytest
import requests

from tests.acceptance.ledger import Ledger
from tests.acceptance.rig import Rig
from tests.acceptance.sender import Sender, ids_in, new_reference, people
from tests.acceptance.service import Service
from tests.acceptance.waiting import until

pytestmark = pytest.mark.e2e

# What Celery says of itself at the start, before our logging.
BANNER = " -------------- celery@"
FAREWELL = "worker: Warm shutdown (MainProcess)"


def test_a_trace_id_leads_from_the_request_to_the_worker(service: Service, sender: Sender) -> None:
    trace_id = secrets.token_hex(16)
    traceparent = f"00-{trace_id}-{secrets.token_hex(8)}-01"

    answer = sender.post(sender.letter(new_reference(), recipients=150), traceparent=traceparent)
    assert answer.status_code == 200

    until(lambda: "mailing_queued" in events_of(trace_id, "worker", service))
    until(lambda: {"mailing_accepted", "request_answered"} <= set(events_of(trace_id, "web", service)))
    accepted = events_of(trace_id, "web", service)["mailing_accepted"][0]
    until(lambda: ids_published(trace_id, service) == set(ids_in(answer)))
    for line in events_of(trace_id, "worker", service)["correspondences_published"]:
        assert line["mailing_id"] == accepted["mailing_id"]


def ids_published(trace_id: str, service: Service) -> set[str]:
    lines = events_of(trace_id, "worker", service).get("correspondences_published", [])
    return {letter for line in lines for letter in line["correspondence_ids"]}


def events_of(trace_id: str, part: str, service: Service) -> dict[str, list[dict[str, Any]]]:
    """The lines of one trace in a part's log, by their event."""
    found: dict[str, list[dict[str, Any]]] = {}
    for event in service.events(part):
        if event.get("trace_id") == trace_id:
            found.setdefault(event["event"], []).append(event)
    return found


def test_the_line_of_a_request_tells_route_status_time_and_the_organisation_that_calls(
    service: Service, sender: Sender
) -> None:
    trace_id = secrets.token_hex(16)
    [letter] = sender.send(sender.letter(new_reference()))
    requests.get(
        f"{sender.url}/{letter}?secret=1",
        headers={**sender.headers, "traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"},
        timeout=10,
    )

    [line] = until(lambda: events_of(trace_id, "web", service).get("request_answered"))

    told = {name: line[name] for name in ("method", "path", "route", "status", "caller")}
    assert told == {
        "method": "GET",
        "path": f"/correspondence/api/v1/correspondence/{letter}",
        "route": "/correspondence/api/v1/correspondence/<str:correspondenceId>",
        "status": 200,
        "caller": "991825827",
    }
    assert line["milliseconds"] > 0


def test_no_recipients_number_is_in_any_log(
    service: Service, sender: Sender, ledger: Ledger, rig: Rig, rig_ledger: Ledger
) -> None:
    sender.send(sender.letter(new_reference(), recipients=500))
    refused = provoke_complaints(sender)
    recipients = {*people(500), *ledger.recipients(), *rig_ledger.recipients()}
    numbers = refused | {urn.rpartition(":")[2] for urn in recipients}

    for each in (service, rig.service):
        for log, text in each.logs().items():
            assert numbers & runs_of_eleven_digits(text) == set(), log


def provoke_complaints(sender: Sender) -> set[str]:
    """Give numbers in places where they are complained about. Answers those that are nobody's."""
    twice, wrong, as_id = sender.letter(new_reference()), sender.letter(new_reference()), people(1)[0][-11:]
    twice["recipients"] *= 2
    wrong["recipients"] = ["01818517640"]
    assert sender.post(twice).status_code == 400
    assert sender.post(wrong).status_code == 400
    assert requests.get(f"{sender.url}/{as_id}", headers=sender.headers, timeout=10).status_code == 400
    return {"01818517640"}


def runs_of_eleven_digits(text: str) -> set[str]:
    return set(re.findall(r"(?<![0-9])[0-9]{11}(?![0-9])", text))


def test_no_query_string_is_in_any_log(service: Service, sender: Sender) -> None:
    secret, path = secrets.token_hex(8), f"/nothing-{secrets.token_hex(8)}"
    for url in (service.base_url + path, sender.url, f"{service.base_url}/admin/", f"{service.base_url}/health/ready"):
        requests.get(url, params={"q": secret}, timeout=10)

    until(lambda: any(event.get("path") == path for event in service.events("web")))
    assert {log for log, text in service.logs().items() if secret in text} == set()


@pytest.mark.parametrize("part", ["web", "worker"])
def test_every_line_is_an_object_of_json_but_the_workers_banner(part: str, service: Service, rig: Rig) -> None:
    strangers = [
        block
        for each in (service, rig.service)
        for block in blocks_without_json(each.logs()[f"{part}.log"])
        if not is_a_banner(block)
    ]

    assert strangers == []


def blocks_without_json(log: str) -> Iterator[str]:
    """Lines between two objects, each run of them as one text."""
    for is_json, lines in groupby(log.splitlines(), key=lambda line: line.startswith("{") and line.endswith("}")):
        if not is_json:
            yield "\n".join(lines)


def is_a_banner(block: str) -> bool:
    """What Celery prints past every logger: at its start, and when it is told to end."""
    return (BANNER in block and "Traceback" not in block) or block.strip() == FAREWELL
