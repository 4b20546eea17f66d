"""What is done about the database's connections, beside what Django does."""

from django.db import connection


def forget_dead_connections() -> None:
    """After a fault of the database: the pool drops what is dead, rather than one request after the other finding out.

    The pool's own check at each request would cost a round trip, and sleeps 1, 2, 4 s between dead connections.
    """
    pool = getattr(connection, "pool", None)  # None where connections persist instead: workers, commands
    if pool is not None:
        pool.check()
