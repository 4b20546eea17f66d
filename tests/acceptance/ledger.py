"""What the database says of letters; the service is not asked."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg

INITIALIZED, READY_FOR_PUBLISH, PUBLISHED = 0, 1, 2
ONCE = (INITIALIZED, READY_FOR_PUBLISH, PUBLISHED)

_HISTORIES = """
    SELECT history, count(*) FROM (
        SELECT array_agg(e.status ORDER BY e.id) AS history
        FROM correspondence_mailing m
        JOIN correspondence_correspondence c ON c.mailing_id = m.id
        LEFT JOIN correspondence_statusevent e ON e.correspondence_id = c.id
        WHERE m.senders_reference = %s
        GROUP BY c.id
    ) AS letters GROUP BY history"""
_PUBLISHED = """
    SELECT c.id, e.at, c.due_at
    FROM correspondence_mailing m
    JOIN correspondence_correspondence c ON c.mailing_id = m.id
    JOIN correspondence_statusevent e ON e.correspondence_id = c.id AND e.status = 2
    WHERE m.senders_reference = %s"""
_IN_QUEUE = """
    SELECT count(*)
    FROM correspondence_mailing m JOIN correspondence_correspondence c ON c.mailing_id = m.id
    WHERE m.senders_reference = %s AND (c.queue_state <> 'done' OR m.next_look_at IS NOT NULL)"""


class Ledger:
    """One connection, opened by the first question."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._connection: psycopg.Connection | None = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def histories(self, reference: str) -> dict[tuple[int, ...], int]:
        """How many letters of this reference have had which statuses, in the order in which they were written."""
        return {tuple(history): count for history, count in self._rows(_HISTORIES, reference)}

    def published(self, reference: str) -> int:
        """How many times letters of this reference were published."""
        return len(self._rows(_PUBLISHED, reference))

    def published_early(self, reference: str) -> list[Any]:
        """Letters that were published before their time."""
        return [letter for letter, at, due_at in self._rows(_PUBLISHED, reference) if at < due_at]

    def in_queue(self, reference: str) -> int:
        """How many letters of this reference somebody still has to look at."""
        return int(self._rows(_IN_QUEUE, reference)[0][0])

    def overdue(self) -> int:
        """How many letters of anybody are still to go out now."""
        sql: LiteralString = """
            SELECT count(*) FROM correspondence_correspondence WHERE queue_state <> 'done' AND due_at <= now()"""
        return int(self._rows(sql)[0][0])

    def waiting(self) -> int:
        """How many letters of all are not queued yet."""
        return int(self._rows("SELECT count(*) FROM correspondence_correspondence WHERE queue_state = 'waiting'")[0][0])

    def mailings(self, reference: str) -> int:
        sql: LiteralString = "SELECT count(*) FROM correspondence_mailing WHERE senders_reference = %s"
        return int(self._rows(sql, reference)[0][0])

    def swept_at(self) -> Any:
        """When the sweep has last run; None before the first."""
        rows = self._rows("SELECT at FROM correspondence_heartbeat WHERE name = 'sweep'")
        return rows[0][0] if rows else None

    def recipients(self) -> set[str]:
        return {row[0] for row in self._rows("SELECT DISTINCT recipient FROM correspondence_correspondence")}

    def _rows(self, sql: LiteralString, *values: str) -> list[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = psycopg.connect(self._url, autocommit=True)
        return self._connection.execute(sql, values).fetchall()
