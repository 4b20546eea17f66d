"""The door to Celery: a broker that is gone or silent costs little and fails nothing."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from config.kernel import queue
from tests.messages import NOBODY


@pytest.fixture(autouse=True)
def closed_breaker() -> Iterator[None]:
    queue._breaker.succeeded()
    yield
    queue._breaker.succeeded()


@pytest.fixture
def silent_broker() -> Iterator[str]:
    """Accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def wake() -> None:
    with transaction.atomic():
        queue.after_commit("correspondence.publish_due")


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_refuses_fails_nothing_and_opens_the_breaker(broker_at: Any) -> None:
    broker_at(NOBODY)

    wake()

    assert queue._breaker.is_open()


@pytest.mark.django_db(transaction=True)
def test_a_silent_broker_fails_nothing_and_opens_the_breaker(broker_at: Any, silent_broker: str) -> None:
    broker_at(silent_broker)

    wake()

    assert queue._breaker.is_open()


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_answers_leaves_the_breaker_closed() -> None:
    before = queue.length("publish")

    wake()

    assert not queue._breaker.is_open()
    assert queue.length("publish") == before + 1


def test_the_length_of_a_queue_that_can_not_be_asked_is_an_error(broker_at: Any, silent_broker: str) -> None:
    for url in (NOBODY, silent_broker):
        broker_at(url)
        with pytest.raises(queue.BrokerUnreachable):
            queue.length("publish")
