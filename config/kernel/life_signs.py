"""Signs of life of workers and beat, for pages: kept in Redis, so that nobody is asked, and waited for, at each look.

`workers.answering` asks the workers themselves, and waits a second for who may answer. A page that many people look at
reads what each has last said by itself instead. What is said is for people only: nothing is decided by it.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

EVERY_SECONDS = 5.0
# Who was killed, and is not started again under the same name, is shown for so long.
FORGOTTEN_AFTER = timedelta(hours=1)
_KEY = "correspondence:life-signs"
# For a connection, and for an answer: a page, or the loop of a worker, loses no more where Redis is silent.
_TIMEOUT_SECONDS = 0.2


class SignsUnreadable(Exception):
    """Redis does not answer: nobody can say who lives."""


@dataclass(frozen=True, slots=True)
class Task:
    """One that a worker has in hand."""

    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Sign:
    """What a process of the service has last said of itself."""

    name: str
    kind: str  # worker or beat
    at: datetime
    processes: int = 1
    queues: Sequence[str] = ()
    tasks: Sequence[Task] = ()


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        socket_timeout=_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )


def give(sign: Sign) -> None:
    """This process is alive, and says so. Nothing happens where Redis is away: then nobody can see it anyway."""
    text = json.dumps(asdict(sign), default=datetime.timestamp)
    try:
        _client(settings.REDIS_URL).hset(_KEY, sign.name, text)
    except (redis.RedisError, OSError):
        return


def withdraw(name: str) -> None:
    """This process ends in good order, and is not missed."""
    try:
        _client(settings.REDIS_URL).hdel(_KEY, name)
    except (redis.RedisError, OSError):
        return


def seen(now: datetime) -> Sequence[Sign]:
    """What each has last said, by name; those that were silent for an hour are forgotten.

    Raises:
        SignsUnreadable: nobody can say.
    """
    try:
        told: Any = _client(settings.REDIS_URL).hgetall(_KEY)
        signs = [_read(text) for _, text in sorted(told.items())]
        gone = [sign.name for sign in signs if now - sign.at > FORGOTTEN_AFTER]
        if gone:
            _client(settings.REDIS_URL).hdel(_KEY, *gone)
    except (redis.RedisError, OSError) as error:
        raise SignsUnreadable(str(error)) from error
    return [sign for sign in signs if sign.name not in gone]


def _read(text: bytes) -> Sign:
    facts = json.loads(text)
    tasks = [Task(task["name"], _moment(task["since"])) for task in facts["tasks"]]
    return Sign(**{**facts, "at": _moment(facts["at"]), "tasks": tasks})


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
