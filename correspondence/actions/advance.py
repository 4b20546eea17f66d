"""The one statement that moves rows through the queue and writes their history with it."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from django.db import connection

from correspondence.statuses import QueueState, Status

_ADVANCE: LiteralString = """
    WITH moved AS (
        UPDATE correspondence_correspondence
        SET queue_state = %(to_state)s, status = GREATEST(status, %(status)s)
        WHERE {selection} AND queue_state = %(from_state)s
        RETURNING id
    )
    INSERT INTO correspondence_statusevent (correspondence_id, status, text, at, party)
    SELECT id, %(status)s, %(text)s, %(at)s, '' FROM moved"""
_OF_MAILING = _ADVANCE.format(selection="mailing_id = %(selected)s")
_BY_ID = _ADVANCE.format(selection="id = ANY(%(selected)s)")


def make_ready(mailing_id: UUID, at: datetime) -> int:
    """The mailing's waiting rows are ready, and their history says so. Answers how many."""
    return _run(_OF_MAILING, mailing_id, QueueState.WAITING, QueueState.READY, Status.READY_FOR_PUBLISH, at)


def mark_published(ids: Sequence[UUID], at: datetime) -> int:
    """Those of the rows that were ready are published and done, and their history says so. Answers how many."""
    return _run(_BY_ID, list(ids), QueueState.READY, QueueState.DONE, Status.PUBLISHED, at)


def _run(
    statement: str,
    selected: UUID | list[UUID],
    from_state: QueueState,
    to_state: QueueState,
    status: Status,
    at: datetime,
) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "selected": selected,
                "from_state": from_state.value,
                "to_state": to_state.value,
                "status": status.value,
                "text": status.label,
                "at": at,
            },
        )
        return int(cursor.rowcount)
