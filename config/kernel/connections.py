"""How many connections web and workers need, and how many the database has."""

from dataclasses import dataclass
from threading import Thread
from typing import LiteralString

import psycopg
import structlog
from django.conf import settings

WEB_POOL_SIZE = 16  # of each web process, where DATABASE_POOL_SIZE says nothing
_SECONDS = 5
# Of other users' sessions an ordinary user sees little more than that they are there.
_ROOM: LiteralString = """
    SELECT least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true)::int, 0),
        (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
        (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
    ), (
        SELECT count(*) FROM pg_stat_activity
        WHERE usesysid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'
            AND pid <> pg_backend_pid()
    )"""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Room:
    """Connections of the database: how many it gives to us at the most, and how many are in use, by whomever."""

    most: int
    in_use: int


def needed_by_web() -> int:
    """All processes of one web server together, when each uses its pool to the full."""
    return settings.WEB_WORKERS * (settings.DATABASE_POOL_SIZE or WEB_POOL_SIZE)


def room() -> Room:
    """What the database says of itself, over a connection of its own, in some seconds at the most.

    Raises:
        psycopg.Error: it cannot be asked.
    """
    options = f"-c statement_timeout={_SECONDS * 1000}"
    with psycopg.connect(settings.DATABASE_URL, connect_timeout=_SECONDS, options=options) as connection:
        [most, in_use] = connection.execute(_ROOM).fetchone() or (0, 0)
        return Room(most, in_use)


def warn_soon(who: str, needed: int) -> None:
    """A line of the log where what `who` needs is more than is free; its start does not wait for that."""
    Thread(target=_warn, args=(who, needed), name="connections", daemon=True).start()


def _warn(who: str, needed: int) -> None:
    try:
        found = room()
    except psycopg.Error as error:
        logger.warning("connections_not_counted", process=who, needed=needed, error=str(error))
        return
    if needed > found.most - found.in_use:
        logger.warning("too_few_connections", process=who, needed=needed, most=found.most, in_use=found.in_use)
