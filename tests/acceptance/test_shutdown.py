"""A worker that is asked to end in the middle of a long mailing ends within seconds: nothing lost, nothing twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.acceptance.ledger import ONCE, Ledger
from tests.acceptance.rig import Rig
from tests.acceptance.sender import Sender, new_reference
from tests.acceptance.service import has_ended
from tests.acceptance.waiting import Stopwatch, show, until

pytestmark = pytest.mark.e2e
MAILINGS = 12


def test_sigterm_in_the_middle_of_a_long_mailing_ends_the_worker_soon_and_loses_nothing(
    rig: Rig, rig_sender: Sender, rig_ledger: Ledger
) -> None:
    reference = new_reference()
    rig.service.manage("queue", "pause", "--all", "--reason", "collect letters")
    for _ in range(MAILINGS):
        rig_sender.send(rig_sender.letter(reference, recipients=500))
    before = rig.service.pid("worker")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(rig.service.manage, "queue", "resume", "--all")
        until(lambda: rig_ledger.published(reference))
        watch = Stopwatch()
        rig.service.terminate("worker")
        until(lambda: has_ended(before), seconds=10)
        done = rig_ledger.published(reference)
    show(f"SIGTERM with {done} of {500 * MAILINGS} letters out: the worker ended after {watch.seconds:.1f} s")
    assert done < 500 * MAILINGS, "too late: everything was out"
    until(lambda: rig_ledger.published(reference) >= 500 * MAILINGS, seconds=60)
    rig.service.await_another("worker", than=before)
    assert rig_ledger.histories(reference) == {ONCE: 500 * MAILINGS}
    assert rig_ledger.in_queue(reference) == 0
