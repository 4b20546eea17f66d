"""What is done about the database's connections, beside what Django does."""

from django.db import DatabaseError, InterfaceError, OperationalError, connection

# Nothing that a single row has done: as long as these last, nothing is counted against it.
DATABASE_GONE = (OperationalError, InterfaceError)


class DatabaseBusy(DatabaseError):
    """It is there, but gave this up: a time-out of a statement, a lock or a transaction, or a deadlock.

    All of the transaction is undone. Not among DATABASE_GONE: it may well be this row, each time.
    """


# What may be over when it is tried again.
PASSING = (*DATABASE_GONE, DatabaseBusy)


def give_back() -> None:
    """The connection is free for others while a body streams in or out; the next query takes one again.

    With the pool a request would keep it to its end: as many slow clients as connections would stop everybody.
    """
    if not connection.in_atomic_block:
        connection.close()
