"""A worker gives a sign of life every few seconds, from the loop of its main process: it tells that the loop turns."""

import time
from datetime import UTC, datetime
from typing import Any

from celery import Celery, bootsteps
from celery.worker import state

from config.kernel import clock, life_signs
from config.kernel.life_signs import EVERY_SECONDS, Sign, Task


class LifeSigns(bootsteps.StartStopStep):
    """A step of Celery's consumer, which ends and begins anew with each connection to the broker."""

    requires = ("celery.worker.consumer:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._timer: Any = None

    def start(self, consumer: Any) -> None:
        self._give(consumer)
        self._timer = consumer.timer.call_repeatedly(EVERY_SECONDS, self._give, (consumer,))

    def stop(self, consumer: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def shutdown(self, consumer: Any) -> None:
        """The worker ends in good order."""
        self.stop(consumer)
        life_signs.withdraw(consumer.hostname)

    def _give(self, consumer: Any) -> None:
        sign = Sign(
            name=consumer.hostname,
            kind="worker",
            at=clock.now(),
            processes=consumer.controller.concurrency,
            queues=sorted(consumer.app.amqp.queues.consume_from),
            tasks=_in_hand(),
        )
        life_signs.give(sign)


def _in_hand() -> list[Task]:
    """What the processes of the pool are at: the main process, which hands it out, knows it of all of them."""
    found = [(request.name, request.time_start or time.time()) for request in state.active_requests]
    return [Task(name, datetime.fromtimestamp(since, UTC)) for name, since in sorted(found, key=lambda task: task[1])]


def connect(app: Celery) -> None:
    """Workers of this application give signs; twice is once."""
    app.steps["consumer"].add(LifeSigns)
