"""The name that Django looks for: `ENGINE` in the settings is this package."""

from types import SimpleNamespace, TracebackType
from typing import Any

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property

from config.kernel.database import DatabaseBusy
from config.kernel.postgresql.connections import BoundedConnection, has_ended

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_BUSY = {
    "57014",  # query_canceled: statement_timeout, or an administrator
    "55P03",  # lock_not_available: lock_timeout
    "40P01",  # deadlock_detected
    "40001",  # serialization_failure
    "25P03",  # idle_in_transaction_session_timeout
    "25P04",  # transaction_timeout
}
_READ_ONLY = "25006"  # after a failover the old primary is
_HAS_TRANSACTION_TIMEOUT = 170_000


class _ErrorWrapper(DatabaseErrorWrapper):
    """Tells apart what Django gives one name: a time-out is no lost connection, and a read-only server is one."""

    wrapper: Any

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        state = error.sqlstate if isinstance(error, psycopg.Error) else None
        if state in _BUSY:
            self.wrapper.errors_occurred = True
            raise DatabaseBusy(str(error)).with_traceback(traceback) from error
        if state == _READ_ONLY:
            self.wrapper.errors_occurred = True
            self.wrapper.connection.close()
            raise OperationalError(str(error)).with_traceback(traceback) from error
        super().__exit__(kind, error, traceback)


class DatabaseWrapper(base.DatabaseWrapper):
    """Further OPTIONS: `answer_seconds`, `transaction_timeout` (milliseconds, from PostgreSQL 17 on)."""

    # The driver's module, but for whom it connects.
    Database: Any = SimpleNamespace(**{**vars(psycopg), "connect": BoundedConnection.connect})

    @cached_property
    def wrap_database_errors(self) -> _ErrorWrapper:
        return _ErrorWrapper(self)

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        params.pop("transaction_timeout", None)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that has not ended.

        The pool's own check would ask the server before each request, and sleeps 1, 2, 4 s between dead connections.
        """
        connection = super().get_new_connection(conn_params)
        while self.pool and has_ended(connection):
            connection.close()
            self.pool.putconn(connection)  # which opens another one in its place
            connection = super().get_new_connection(conn_params)
        return connection

    def _configure_connection(self, connection: Any) -> bool:
        changed = bool(super()._configure_connection(connection))  # type: ignore[misc]  # not in the stubs
        limit = self.settings_dict["OPTIONS"].get("transaction_timeout")
        if limit and connection.info.server_version >= _HAS_TRANSACTION_TIMEOUT:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('transaction_timeout', %s, false)", [str(limit)])
            changed = True
        return changed
