"""What is done about the database's connections, beside what Django does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from psycopg_pool import PoolTimeout

# Nothing that a single row has done: as long as these last, nothing is counted against it.
DATABASE_GONE = (OperationalError, InterfaceError)


class DatabaseBusy(DatabaseError):
    """It is there, but gave this up: a time-out of a statement, a lock or a transaction, or a deadlock.

    All of the transaction is undone. Not among DATABASE_GONE: it may well be this row, each time.
    """


_HAS_TRANSACTION_TIMEOUT = 170_000

# What may be over when it is tried again.
PASSING = (*DATABASE_GONE, DatabaseBusy)


_connection_errors = 0  # of this process's pool, when somebody last looked


def exhausted_pool(error: Exception) -> dict[str, int] | None:
    """Figures of the pool where every connection was in use for too long; None where the database is at fault.

    The pool says the same of both. While the database is away its attempts to connect fail, and they are counted.
    """
    global _connection_errors
    pool = getattr(connection, "pool", None)
    if pool is None or not isinstance(error.__cause__, PoolTimeout):
        return None
    stats = pool.get_stats()
    before, _connection_errors = _connection_errors, stats.get("connections_errors", 0)
    in_use = stats.get("pool_size", 0) - stats.get("pool_available", 0)
    if _connection_errors > before or in_use < pool.max_size:
        return None
    return {"in_use": in_use, "most": pool.max_size, "waiting": stats.get("requests_waiting", 0)}


@contextmanager
def copying(statement: str) -> Iterator[Any]:
    """Give psycopg's Copy, which takes the rows of a COPY … FROM STDIN.

    Raises:
        DatabaseError: as from execute. Django gives the driver's errors its own names there, and not in copy.
    """
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        yield copy


def give_back() -> None:
    """The connection is free for others while a body streams in or out; the next query takes one again.

    With the pool a request would keep it to its end: as many slow clients as connections would stop everybody.
    """
    if not connection.in_atomic_block:
        connection.close()


def patient(seconds: float) -> None:
    """The transaction that is open may last so long, whatever the others of its process may."""
    if connection.pg_version >= _HAS_TRANSACTION_TIMEOUT:  # type: ignore[attr-defined]  # PostgreSQL's
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('transaction_timeout', %s, true)", [str(round(seconds * 1000))])
