"""What reaches the broker: wake-ups, counted for each queue."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from config.kernel import queue

Messages = Callable[[], AbstractContextManager[dict[str, int]]]


@pytest.fixture
def messages(django_capture_on_commit_callbacks: Any) -> Messages:
    """`with messages() as sent` fills `sent` at its end: a number for each queue that got a message."""

    @contextmanager
    def count() -> Iterator[dict[str, int]]:
        sent: dict[str, int] = {}
        before = {name: queue.length(name) for name in queue.QUEUES}
        with django_capture_on_commit_callbacks(execute=True):
            yield sent
        sent.update({name: more for name in queue.QUEUES if (more := queue.length(name) - before[name])})

    return count
