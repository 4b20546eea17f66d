"""What is done about the database's connections, beside what Django does."""

from django.db import InterfaceError, OperationalError, connection

# Nothing that a single row has done: as long as these last, nothing is counted against it.
DATABASE_GONE = (OperationalError, InterfaceError)


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
