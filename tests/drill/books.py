"""What the database says; it is asked again and again until it is there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, LiteralString

import psycopg

_PATIENCE_SECONDS = 60


class Books:
    """One connection, opened anew whenever the last one is dead."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection | None = None

    @classmethod
    @contextmanager
    def opened(cls, url: str) -> Iterator[Books]:
        books = cls(url)
        try:
            yield books
        finally:
            books._drop()

    def rows(self, sql: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds.

        Raises:
            psycopg.Error: the database has not been there for a minute.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return self._there().execute(sql, values).fetchall()
            except psycopg.OperationalError:
                self._drop()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    @contextmanager
    def tampered_with(self, sql: LiteralString) -> Iterator[None]:
        """While the block lasts these books say something else; the database's own stay as they are."""
        connection = self._there()
        with connection.transaction(force_rollback=True):
            connection.execute(sql)
            yield

    def overdue(self, moment: datetime) -> int:
        """How many letters were to be out at that moment, and are not."""
        sql: LiteralString = """
            SELECT count(*) FROM correspondence_correspondence WHERE queue_state <> 'done' AND due_at <= %s"""
        return int(self.rows(sql, moment)[0][0])

    def unfinished(self) -> int:
        """How many letters and attachments somebody still has to look at."""
        sql: LiteralString = """
            SELECT (SELECT count(*) FROM correspondence_correspondence WHERE queue_state <> 'done')
                 + (SELECT count(*) FROM correspondence_mailing WHERE next_look_at IS NOT NULL)
                 + (SELECT count(*) FROM attachments_attachment WHERE next_look_at IS NOT NULL)"""
        return int(self.rows(sql)[0][0])

    def _there(self) -> psycopg.Connection:
        if self._connection is None:
            self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=5)
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
        self._connection = None
