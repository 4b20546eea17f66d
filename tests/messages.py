"""The broker: what reaches it, counted for each queue, and how it is without it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from celery import current_app

from config.kernel import queue

Messages = Callable[[], AbstractContextManager[dict[str, int]]]
NOBODY = "redis://127.0.0.1:1/0"  # refused at once


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


@pytest.fixture
def broker_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Moves the broker of this process to another address for one test."""

    def move(url: str) -> None:
        for use in ("broker_read_url", "broker_write_url"):
            monkeypatch.setattr(current_app.conf, use, url)

    return move
