"""Many mailings are changed: a batch in each transaction, and one that cannot be changed holds up no other."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog

from config.kernel import queue
from correspondence.models import Mailing
from correspondence.querysets import MailingQuerySet

_MOST_MAILINGS = 50
_MOST_LETTERS = 5_000
# At the latest then somebody looks at a mailing again.
LOOK_AGAIN = timedelta(days=1)

logger = structlog.get_logger(__name__)


class Change(Protocol):
    """What becomes of mailings: clear_mailings, remove_histories."""

    def __call__(self, *, mailing_ids: Collection[UUID], now: datetime) -> int:
        """Answers of how many."""
        ...


def batches(rows: Iterable[tuple[UUID, int]]) -> Iterator[list[UUID]]:
    """The mailings, each given with its number of letters, as many at a time as one transaction bears."""
    ids: list[UUID] = []
    letters = 0
    for pk, count in rows:
        if ids and (len(ids) == _MOST_MAILINGS or letters + count > _MOST_LETTERS):
            yield ids
            ids, letters = [], 0
        ids.append(pk)
        letters += count
    if ids:
        yield ids


def first_batch(found: MailingQuerySet) -> list[UUID]:
    """The first of these mailings, as many as one transaction bears."""
    return next(batches(found.values_list("pk", "recipient_count")[:_MOST_MAILINGS]), [])


def change_mailings(mailing_ids: Collection[UUID], change: Change, now: datetime) -> int:
    """The mailings are changed at once, or, if that raises, each by itself. Answers of how many.

    Raises:
        OperationalError, InterfaceError, TookTooLong: the database is gone, or the task's time is over.
    """
    try:
        return change(mailing_ids=mailing_ids, now=now)
    except queue.ENDS_THE_TASK:
        raise
    except Exception as error:  # noqa: BLE001 - logged for the one that it belongs to
        logger.warning("batch_not_cleared", mailing_ids=list(mailing_ids), error=str(error))
        return sum(change_alone(row_id, change, now) for row_id in mailing_ids)


def change_alone(mailing_id: UUID, change: Change, now: datetime) -> int:
    """The mailing is changed, or put off for a day. Answers how many were changed.

    Raises:
        OperationalError, InterfaceError, TookTooLong: the database is gone, or the task's time is over.
    """
    try:
        return change(mailing_ids=[mailing_id], now=now)
    except queue.ENDS_THE_TASK:
        raise
    except Exception as error:  # noqa: BLE001 - logged, and tried again
        Mailing.objects.filter(pk=mailing_id).update(clear_at=now + LOOK_AGAIN)
        logger.error("mailing_not_cleared", mailing_id=mailing_id, error=f"{type(error).__name__}: {error}")
        return 0
