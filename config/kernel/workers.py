"""Which workers there are, by what they answer themselves through the broker."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from celery import current_app
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from config.kernel.queue import BrokerUnreachable

_OPTIONS = {"max_retries": 0, "socket_connect_timeout": 2, "socket_timeout": 2}


@dataclass(frozen=True, slots=True)
class Worker:
    """One Celery worker, of one or more processes."""

    name: str
    queues: Sequence[str]
    processes: int


def answering(seconds: float = 1.0) -> Sequence[Worker]:
    """Those that answer within so many seconds: one whose main process is busy ending or starting may not.

    Raises:
        BrokerUnreachable: nobody can be asked.
    """
    try:
        with current_app.connection_for_read(transport_options=_OPTIONS) as connection:
            inspect: Any = current_app.control.inspect(timeout=seconds, connection=connection)
            queues = inspect.active_queues() or {}
            stats = (inspect.stats() or {}) if queues else {}
    except (KombuError, RedisError, OSError) as error:
        raise BrokerUnreachable(str(error)) from error
    return [
        Worker(name, sorted(queue["name"] for queue in found), _processes(stats.get(name, {})))
        for name, found in sorted(queues.items())
    ]


def _processes(stats: dict[str, Any]) -> int:
    """1 where it did not answer the second question."""
    return int(stats.get("pool", {}).get("max-concurrency", 1))
