"""A second beat, as when one is moved to another machine too early."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config.kernel import clock
from tests.acceptance.ledger import ONCE, Ledger
from tests.acceptance.rig import SecondBeat
from tests.acceptance.sender import Sender, new_reference
from tests.acceptance.service import Service
from tests.acceptance.waiting import until

pytestmark = pytest.mark.e2e

SENDING = "Sending due task sweep"


@pytest.fixture
def second_beat(service: Service, tmp_path: Path) -> Iterator[SecondBeat]:
    beat = SecondBeat(service.run_dir, tmp_path)
    beat.start()
    yield beat
    beat.stop()


def test_two_beats_at_once_publish_each_letter_once(
    second_beat: SecondBeat, service: Service, sender: Sender, ledger: Ledger
) -> None:
    reference, sent = new_reference(), 0
    before = sweeps(service.run_dir / "logs" / "beat.log")

    # Letters that come due all the time: nothing but the sweeps of the two finds those for later.
    while sweeps(service.run_dir / "logs" / "beat.log") < before + 2 or sweeps(second_beat.log) < 20:
        due_at = clock.now() + timedelta(seconds=sent // 100 % 4)
        sent += len(sender.send(sender.letter(reference, recipients=100, requestedPublishTime=due_at.isoformat())))

    until(lambda: ledger.published(reference) >= sent)
    assert ledger.histories(reference) == {ONCE: sent}
    assert ledger.published_early(reference) == []


def sweeps(log: Path) -> int:
    return log.read_text(encoding="utf-8").count(SENDING)
