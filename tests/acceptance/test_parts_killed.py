"""kill -9 of the worker, of the web server and of the database: no letter is lost, none goes out twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Event

import pytest
import requests

from config.devtools.servers import Server
from tests.acceptance.ledger import ONCE, Ledger
from tests.acceptance.rig import Rig, killed, stopped
from tests.acceptance.sender import Sender, new_reference
from tests.acceptance.waiting import Stopwatch, show, until

pytestmark = pytest.mark.e2e


def test_a_worker_killed_in_the_middle_of_500_letters_publishes_each_once(
    rig: Rig, rig_sender: Sender, rig_ledger: Ledger
) -> None:
    # It takes some 50 ms: what was in time once may be too late the next time.
    assert any(killed_in_the_middle(rig, rig_sender, rig_ledger) for _ in range(5)), "always too late"


def killed_in_the_middle(rig: Rig, sender: Sender, ledger: Ledger) -> bool:
    """Kill the worker once the first of 500 letters are out; all are published in the end. Was it in time?"""
    reference = new_reference()
    sender.send(sender.letter(reference, recipients=500))
    until(lambda: ledger.published(reference))
    worker = rig.service.kill_9("worker")
    done, watch = ledger.published(reference), Stopwatch()

    until(lambda: ledger.published(reference) >= 500, seconds=40)

    show(f"worker killed with {done} of 500 letters out; the rest followed after {watch.seconds:.1f} s")
    rig.service.await_another("worker", than=worker)
    assert ledger.histories(reference) == {ONCE: 500}
    assert ledger.in_queue(reference) == 0
    return done < 500


def test_what_was_answered_200_outlives_the_web_server(rig: Rig, rig_sender: Sender, rig_ledger: Ledger) -> None:
    reference, enough = new_reference(), Event()
    answered: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        refused = [pool.submit(send_until, enough, rig_sender, reference, answered) for _ in range(2)]
        try:
            until(lambda: len(answered) > 5)
            web = rig.service.kill_9("web")
            before = len(answered)
            rig.service.await_another("web", than=web)
            until(lambda: len(answered) > before + 5)
        finally:
            enough.set()

    assert sum(each.result() for each in refused) > 0
    until(lambda: all(rig_sender.overview(letter)["status"] == "Published" for letter in answered))
    # A letter whose answer the kill cut off may be there as well; its sender would ask by idempotency key.
    until(lambda: rig_ledger.in_queue(reference) == 0)
    (history,) = rig_ledger.histories(reference)
    assert history == ONCE


def send_until(enough: Event, sender: Sender, reference: str, answered: list[str]) -> int:
    """Send letter after letter and note those that were accepted. How many found nobody to take them?"""
    refused = 0
    while not enough.wait(0.02):
        try:
            answered.extend(sender.send(sender.letter(reference)))
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            refused += 1
    return refused


LOSSES: dict[str, Callable[[Server], AbstractContextManager[None]]] = {"stopped": stopped, "killed": killed}


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
def test_letters_are_refused_with_503_while_the_database_is_gone(
    lose: Callable[[Server], AbstractContextManager[None]], rig: Rig, rig_sender: Sender, rig_ledger: Ledger
) -> None:
    refused, accepted = new_reference(), new_reference()
    with lose(rig.postgres):
        for number in range(1, 3):
            watch = Stopwatch()
            assert_refused_for_now(rig_sender.post(rig_sender.letter(refused)))
            show(f"database {lose.__name__}: letter {number} refused after {watch.seconds:.3f} s")

    watch = Stopwatch()
    rig_sender.send_patiently(rig_sender.letter(accepted, recipients=500))
    show(f"database back: accepted after {watch.seconds:.3f} s")
    until(lambda: rig_ledger.published(accepted) >= 500, seconds=40)
    assert rig_ledger.histories(accepted) == {ONCE: 500}
    assert rig_ledger.mailings(refused) == 0


def assert_refused_for_now(response: requests.Response) -> None:
    assert response.status_code == 503, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    assert int(response.headers["Retry-After"]) > 0
    assert response.json()["status"] == 503


def test_a_database_that_was_away_between_two_letters_costs_no_refusal(rig: Rig, rig_sender: Sender) -> None:
    with ThreadPoolExecutor(16) as pool:  # so that the web server holds many connections
        list(pool.map(lambda _: rig_sender.send_patiently(rig_sender.letter(new_reference())), range(64)))

    with stopped(rig.postgres):
        pass

    answers = [rig_sender.post(rig_sender.letter(new_reference())).status_code for _ in range(40)]
    assert answers == [200] * 40


def test_500_letters_survive_a_database_that_is_killed_under_the_worker(
    rig: Rig, rig_sender: Sender, rig_ledger: Ledger
) -> None:
    reference = new_reference()
    rig_sender.send_patiently(rig_sender.letter(reference, recipients=500))

    with killed(rig.postgres):
        pass

    until(lambda: rig_ledger.published(reference) >= 500, seconds=40)
    assert rig_ledger.histories(reference) == {ONCE: 500}
