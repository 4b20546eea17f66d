"""The one statement that moves rows through the queue and writes their history with it."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from django.db import connection

from correspondence.statuses import QueueState, Status

# No event is dated before one that was written before it: clocks of machines differ, and a task reads its own before it
# waits for a lock.
_ADVANCE: LiteralString = """
    WITH {before}moved AS (
        UPDATE correspondence_correspondence
        SET queue_state = %(to_state)s,
            status = GREATEST(status, %(status)s),
            statuses_seen = statuses_seen | (1 << %(status)s)
        WHERE {selection} AND queue_state = ANY(%(from_states)s)
        RETURNING id, owner_id
    ){after}
    INSERT INTO correspondence_statusevent (correspondence_id, status, text, at, party)
    SELECT id, %(status)s, %(text)s, GREATEST(%(at)s, (
        SELECT max(at) FROM correspondence_statusevent AS before WHERE before.correspondence_id = moved.id
    )), %(party)s FROM moved"""
_OF_MAILINGS = _ADVANCE.format(before="", selection="mailing_id = ANY(%(selected)s)", after="")
_BY_ID = _ADVANCE.format(before="", selection="id = ANY(%(selected)s)", after="")
# What is out is counted for its owner and minute, in rows of its own (models.PublishedTally).
_PUBLISH = _ADVANCE.format(
    before="",
    selection="id = ANY(%(selected)s)",
    after=""", counted AS (
        INSERT INTO correspondence_publishedtally (owner_id, at, fold, letters)
        SELECT owner_id, date_trunc('minute', %(at)s::timestamptz), 0, count(*) FROM moved GROUP BY owner_id
    )""",
)
# What is Reserved waits for its time too, and is not ready (contract lifecycle.md §4 and §6).
_MAKE_READY = _ADVANCE.format(
    before="""held AS (
        UPDATE correspondence_correspondence SET queue_state = %(to_state)s
        WHERE mailing_id = ANY(%(selected)s) AND queue_state = ANY(%(from_states)s) AND status = %(reserved)s
    ), """,
    selection="mailing_id = ANY(%(selected)s) AND status <> %(reserved)s",
    after="",
)
_UNFINISHED = (QueueState.WAITING, QueueState.READY, QueueState.SET_ASIDE)


def make_ready(mailing_id: UUID, at: datetime) -> int:
    """The mailing's waiting rows are ready; the history says so of those that are not Reserved. Answers of how many."""
    return _run(_MAKE_READY, [mailing_id], (QueueState.WAITING,), QueueState.READY, Status.READY_FOR_PUBLISH, at)


def lift_reservation(ids: Sequence[UUID], at: datetime) -> int:
    """Reserved rows that were ready are to go out all the same, and their history says so. Answers how many."""
    return _run(_BY_ID, ids, (QueueState.READY,), QueueState.READY, Status.READY_FOR_PUBLISH, at)


def mark_published(ids: Sequence[UUID], at: datetime) -> int:
    """Those of the rows that were ready are published and done; history and tally say so. Answers how many."""
    return _run(_PUBLISH, ids, (QueueState.READY,), QueueState.DONE, Status.PUBLISHED, at)


def mark_failed(ids: Sequence[UUID], reason: str, at: datetime) -> int:
    """Those of the rows that were ready have failed for good, and their history says why. Answers how many."""
    return _run(_BY_ID, ids, (QueueState.READY,), QueueState.DONE, Status.FAILED, at, reason)


def mark_cancelled(ids: Sequence[UUID], reason: str, at: datetime, by: str) -> int:
    """Those of the rows that were in the queue have failed for good; history says why and by whom. Answers how many."""
    return _run(_BY_ID, ids, _UNFINISHED, QueueState.DONE, Status.FAILED, at, reason, by)


def fail_unfinished(mailing_ids: Sequence[UUID], reason: str, at: datetime) -> int:
    """What has not been published of the mailings has failed for good, and its history says why. Answers how many."""
    return _run(_OF_MAILINGS, mailing_ids, _UNFINISHED, QueueState.DONE, Status.FAILED, at, reason)


def _run(
    statement: str,
    selected: Sequence[UUID],
    from_states: Sequence[QueueState],
    to_state: QueueState,
    status: Status,
    at: datetime,
    text: str = "",
    party: str = "",
) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "selected": list(selected),
                "from_states": [state.value for state in from_states],
                "to_state": to_state.value,
                "status": status.value,
                "reserved": Status.RESERVED.value,
                "text": text or status.label,
                "at": at,
                "party": party,
            },
        )
        return int(cursor.rowcount)
