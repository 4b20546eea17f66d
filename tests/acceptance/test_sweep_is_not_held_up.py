"""A burst of other work does not hold up the sweep, which finds what is due."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from celery import Celery

from config.kernel import queue
from tests.acceptance.ledger import Ledger
from tests.acceptance.rig import Rig
from tests.acceptance.waiting import Stopwatch, show, until

pytestmark = pytest.mark.e2e
BURST = 3_000


def test_the_sweep_runs_in_the_middle_of_a_burst_of_clearing(rig: Rig, rig_ledger: Ledger) -> None:
    until(rig_ledger.swept_at)
    broker = Celery(broker=rig.valkey.url)
    with broker.connection_for_write() as connection, connection.Producer() as producer:
        for _ in range(BURST):
            broker.send_task("correspondence.clear_mailing", [str(uuid4())], queue=queue.MAINTENANCE, producer=producer)
        channel: Any = connection.default_channel  # of kombu's Redis transport
        client = channel.client
        left, before, watch = client.llen(queue.MAINTENANCE), rig_ledger.swept_at(), Stopwatch()

        until(lambda: rig_ledger.swept_at() != before)

        still_left = client.llen(queue.MAINTENANCE)
        show(f"{left} messages waited; the next sweep ran after {watch.seconds:.1f} s, {still_left} were left then")
        assert still_left > left / 2
        until(lambda: client.llen(queue.MAINTENANCE) == 0, seconds=90)
