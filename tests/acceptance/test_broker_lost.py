"""The broker is gone, or silent: senders do not notice, and their letters go out by themselves afterwards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from config.devtools.servers import Server
from tests.acceptance.ledger import ONCE, Ledger
from tests.acceptance.rig import Rig, frozen, killed, replaced_by_silence, stopped
from tests.acceptance.sender import Sender, new_reference
from tests.acceptance.waiting import Stopwatch, show, until

pytestmark = pytest.mark.e2e

LOSSES: dict[str, Callable[[Server], AbstractContextManager[None]]] = {
    "stopped": stopped,
    "killed": killed,
    "frozen": frozen,
    "replaced by silence": replaced_by_silence,
}


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
def test_a_letter_sent_while_the_broker_is_lost_is_published_when_it_is_back(
    lose: Callable[[Server], AbstractContextManager[None]], rig: Rig, rig_sender: Sender, rig_ledger: Ledger
) -> None:
    reference, times = new_reference(), [0.0]
    failed_before = failed_wake_ups(rig)

    with lose(rig.valkey):
        # Until one of them has really tried: after a failure the others do not for some seconds.
        while failed_wake_ups(rig) == failed_before:
            watch = Stopwatch()
            rig_sender.send(rig_sender.letter(reference))
            times.append(watch.seconds)
            assert watch.seconds < 2
    watch = Stopwatch()

    letters = len(times) - 1
    until(lambda: rig_ledger.published(reference) >= letters, seconds=40)
    show(f"{letters} POSTs, the slowest {max(times):.3f} s; all Published {watch.seconds:.1f} s after its return")
    assert rig_ledger.histories(reference) == {ONCE: letters}


def failed_wake_ups(rig: Rig) -> int:
    """How many times the web server has tried in vain to reach the broker."""
    return sum(event["event"] == "wake_up_failed" for event in rig.service.events("web"))
