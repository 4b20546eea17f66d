"""A connection of psycopg that gives a silent server up, and one look at whether it is still there."""

import select
from typing import Any, Self

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus

_INTERVAL_SECONDS = 0.1  # between looks at whether somebody presses Ctrl-C, as psycopg's own


class BoundedConnection(psycopg.Connection[Any]):
    """Waits `answer_seconds` for each answer; None: for as long as it takes.

    The server's own time-outs do nothing where the server stands still (SIGSTOP, a paused virtual machine, a disk that
    hangs), nor does TCP: the kernel goes on confirming what it is sent.
    """

    answer_seconds: float | None = None

    @classmethod
    def connect(cls, conninfo: str = "", *, answer_seconds: float | None = None, **parameters: Any) -> Self:  # type: ignore[override]
        """As psycopg's own, which bounds the connecting itself by `connect_timeout`."""
        connection = super().connect(conninfo, **parameters)
        connection.answer_seconds = answer_seconds
        return connection

    def wait(self, gen: PQGen[RV], interval: float = _INTERVAL_SECONDS, timeout: float | None = None) -> RV:
        """As psycopg's own, in bounded time.

        Whoever is interrupted meanwhile, as a task whose time is over, has no connection any more: its answer may still
        come, and to Django a COMMIT without one is a transaction that never ends.

        Raises:
            OperationalError: the server has not answered. The connection is closed, likewise.
        """
        try:
            return super().wait(gen, interval, self.answer_seconds if timeout is None else timeout)
        except psycopg.errors._WaitTimeout as error:
            if timeout is not None:
                raise
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer from the server within {self.answer_seconds:g} s") from error
        except BaseException:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


def has_ended(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server's end of an idle connection has gone, as far as this machine has heard. Asks nobody.

    An idle server says nothing but farewell. A change of its settings may come unasked too: to take that for a farewell
    costs one new connection.
    """
    if connection.closed:
        return True
    look = select.poll()
    look.register(connection.pgconn.socket, select.POLLIN | select.POLLPRI | select.POLLRDHUP)
    return bool(look.poll(0))
