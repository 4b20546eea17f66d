"""A change of status of one letter: on the row, and in its history. Whole mailings are moved by advance."""

from datetime import datetime

import structlog
from django.db.models import Subquery, Value
from django.db.models.functions import Greatest

from config.kernel import events
from correspondence.models import Correspondence, StatusEvent
from correspondence.statuses import TRANSITIONS, Event, Status, seen

_EVENTS = {
    Status.READ: Event.READ,
    Status.CONFIRMED: Event.CONFIRMED,
    Status.PURGED_BY_RECIPIENT: Event.PURGED,
    Status.PURGED_BY_ALTINN: Event.PURGED,
}

logger = structlog.get_logger(__name__)


def record(letter: Correspondence, status: Status, at: datetime, *, party: str = "", text: str = "") -> None:
    """The letter's history says that this happened; its row, which the caller has locked, knows what follows from it.

    Fetched is kept apart: it is never the current status (contract lifecycle.md §1). `text` is what the wire shows
    beside the status: its name where there is nothing to say.

    Raises:
        ValueError: by the table of transitions this cannot happen to it now; the policies should have said so.
    """
    if letter.status not in TRANSITIONS[status]:
        raise ValueError(f"{letter} is {Status(letter.status).label}, and cannot become {status.label}")
    current = letter.status if status == Status.FETCHED else max(letter.status, status)
    statuses_seen = letter.statuses_seen | seen([status])
    if (current, statuses_seen) != (letter.status, letter.statuses_seen):
        letter.status, letter.statuses_seen = current, statuses_seen
        letter.save(update_fields=["status", "statuses_seen"])
    # Not before what was written before it: who waited for the lock has read the clock too early.
    latest = Subquery(letter.events.order_by("-at").values("at")[:1])
    StatusEvent.objects.create(
        correspondence=letter, status=status, text=text or status.label, at=Greatest(Value(at), latest), party=party
    )
    if status in _EVENTS:
        events.tell(_EVENTS[status], [letter.pk])
    logger.info(
        "correspondence_status_changed",
        correspondence_id=letter.pk,
        mailing_id=letter.mailing_id,
        status=status.label,
    )
