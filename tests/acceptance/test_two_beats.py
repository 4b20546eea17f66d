"""A second beat, as when one is moved to another machine too early."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config.devtools.parts import Part
from config.devtools.services import celery
from config.kernel import clock
from tests.acceptance.ledger import ONCE, Ledger
from tests.acceptance.sender import Sender, new_reference
from tests.acceptance.service import SHELL, Service
from tests.acceptance.waiting import until

pytestmark = pytest.mark.e2e

SENDING = "Sending due task sweep"


class SecondBeat(Part):
    """Started by hand on the same servers; in a hurry, so that the two meet often."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.schedule = str(folder / "schedule")
        where = {"RUN_DIR": str(service.run_dir), "SWEEP_EVERY_SECONDS": "0.2"}
        super().__init__("beat", folder / "beat.log", {**SHELL, **where})

    def command(self) -> list[str]:
        return [*celery("beat"), "--loglevel", "INFO", "--pidfile=", "--schedule", self.schedule]

    def sweeps(self) -> int:
        return self.log.read_text(encoding="utf-8").count(SENDING)


@pytest.fixture
def second_beat(service: Service, tmp_path: Path) -> Iterator[SecondBeat]:
    beat = SecondBeat(service, tmp_path)
    beat.start()
    yield beat
    beat.stop()


def test_two_beats_at_once_publish_each_letter_once(
    second_beat: SecondBeat, service: Service, sender: Sender, ledger: Ledger
) -> None:
    reference, sent = new_reference(), 0
    before = service.logs()["beat.log"].count(SENDING)

    # Letters that come due all the time: nothing but the sweeps of the two finds those for later.
    while service.logs()["beat.log"].count(SENDING) < before + 2 or second_beat.sweeps() < 20:
        due_at = clock.now() + timedelta(seconds=sent // 100 % 4)
        sent += len(sender.send(sender.letter(reference, recipients=100, requestedPublishTime=due_at.isoformat())))

    until(lambda: ledger.published(reference) >= sent)
    assert ledger.histories(reference) == {ONCE: sent}
    assert ledger.published_early(reference) == []
