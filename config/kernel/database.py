"""What is done about the database's connections, beside what Django does."""

from django.db import InterfaceError, OperationalError, connection
from psycopg_pool import PoolTimeout

# Nothing that a single row has done: as long as these last, nothing is counted against it.
DATABASE_GONE = (OperationalError, InterfaceError)


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


def forget_dead_connections() -> None:
    """After a fault of the database: the pool drops what is dead, rather than one request after the other finding out.

    The pool's own check at each request would cost a round trip, and sleeps 1, 2, 4 s between dead connections.
    """
    pool = getattr(connection, "pool", None)  # None where connections persist instead: workers, commands
    if pool is not None:
        pool.check()


def give_back() -> None:
    """The connection is free for others while a body streams in or out; the next query takes one again.

    With the pool a request would keep it to its end: as many slow clients as connections would stop everybody.
    """
    if not connection.in_atomic_block:
        connection.close()
