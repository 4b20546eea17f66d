"""The one door to Celery. A message is a wake-up: losing it costs seconds, waiting for it would cost a sender."""

from contextvars import copy_context
from functools import lru_cache, partial
from typing import Any

import structlog
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from kombu import Connection
from kombu.exceptions import KombuError
from kombu.pools import producers, set_limit
from redis.exceptions import RedisError

from config.kernel import metrics, trace
from config.kernel.breaker import Breaker
from config.kernel.database import DATABASE_GONE

logger = structlog.get_logger(__name__)

QUEUE, PUBLISH, SWEEP, MAINTENANCE, SCAN = "queue", "publish", "sweep", "maintenance", "scan"
QUEUES = (QUEUE, PUBLISH, SWEEP, MAINTENANCE, SCAN)

# Redis that refuses answers in milliseconds, one that is silent after these (docs/decisions/0004): a request may
# lose 200 ms at the most. Workers keep ordinary time-outs, they wait for messages.
_PRODUCER_OPTIONS = {"max_retries": 0, "socket_connect_timeout": 0.1, "socket_timeout": 0.1}
_MOST_CONNECTIONS = 64  # of a process: more than the web has threads, so that none waits for another
_POOL_SECONDS = 0.1
_BREAKER_SECONDS = 1.0
_LONGEST_QUEUE = 200  # at which sweeps add no more


set_limit(_MOST_CONNECTIONS)


# Raised inside a task that has used up its time.
TookTooLong = SoftTimeLimitExceeded

# Nothing that a row has done: it ends the task, and the next one finds what is left.
ENDS_THE_TASK = (*DATABASE_GONE, TookTooLong)


class BrokerUnreachable(Exception):
    """The broker cannot be reached, or does not answer in time."""


# After a failure one of many tries again in a while: the sweep will find the work.
_breaker = Breaker(_BREAKER_SECONDS)


def after_commit(task: str, *ids: str) -> None:
    """Wake `task` once the surrounding transaction is durable. Never raises: a lost wake-up is swept."""
    # Robust: past the commit, even a fault of our own must not reach the client, who would send again.
    transaction.on_commit(partial(_wake, task, ids), robust=True)


@lru_cache(maxsize=8)
def _connection(url: str) -> Connection:
    """What the pool of producers is known by; never connected itself. Building it anew cost a quarter of a wake-up."""
    return current_app.connection_for_write(url, transport_options=_PRODUCER_OPTIONS)


def _wake(task: str, ids: tuple[str, ...]) -> None:
    if not _breaker.lets_through():
        metrics.WAKE_UPS.labels("skipped").inc()
        logger.warning("wake_up_skipped", task=task, ids=ids)
        return
    try:
        connection = _connection(current_app.conf.broker_write_url)
        with producers[connection].acquire(block=True, timeout=_POOL_SECONDS) as producer:
            # The trace goes along in a header. In a context of its own: a span of what cannot be sent is never ended.
            send = partial(current_app.send_task, headers={"traceparent": trace.current()}, retry=False)
            copy_context().run(send, task, args=ids, producer=producer)
    except (KombuError, OSError) as error:
        _breaker.failed()
        metrics.WAKE_UPS.labels("failed").inc()
        logger.warning("wake_up_failed", task=task, ids=ids, error=str(error))
    else:
        _breaker.succeeded()
        metrics.WAKE_UPS.labels("sent").inc()


def room(queue: str) -> int:
    """How many more messages a sweep may add to a queue of the broker; none where nobody can say."""
    try:
        return max(0, _LONGEST_QUEUE - length(queue))
    except BrokerUnreachable as error:
        logger.warning("broker_not_reached", queue=queue, error=str(error))
        return 0


def length(queue: str) -> int:
    """How many messages wait in a queue of the broker.

    Raises:
        BrokerUnreachable: nobody can say.
    """
    try:
        with current_app.connection_for_read(transport_options=_PRODUCER_OPTIONS) as connection:
            channel: Any = connection.default_channel  # of kombu's Redis transport
            return int(channel.client.llen(queue))
    except (KombuError, RedisError, OSError) as error:
        raise BrokerUnreachable(str(error)) from error
