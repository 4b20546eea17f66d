"""How far a mailing has come: its letters, counted by what became of them."""

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from correspondence.models import Correspondence
from correspondence.querysets import has_seen
from correspondence.statuses import QueueState, Status

_READY = Q(queue_state=QueueState.READY)


@dataclass(frozen=True, slots=True)
class Progress:
    """Letters of one mailing, each counted once."""

    published: int = 0
    failed: int = 0
    set_aside: int = 0
    waiting: int = 0  # stored, and not queued
    due: int = 0  # to go out now, or tried again after an error
    scheduled: int = 0
    taken_back: int = 0  # deleted by the sender before they were out

    @property
    def total(self) -> int:
        return sum(getattr(self, field.name) for field in fields(self))


def progress_of(mailing_id: UUID, now: datetime) -> Progress:
    """In one query, on the key that begins with the mailing: 500 rows at the most."""
    found = Correspondence.objects.filter(mailing=mailing_id).aggregate(
        published=Count("pk", filter=has_seen(Status.PUBLISHED)),
        failed=Count("pk", filter=has_seen(Status.FAILED)),
        set_aside=Count("pk", filter=Q(queue_state=QueueState.SET_ASIDE)),
        waiting=Count("pk", filter=Q(queue_state=QueueState.WAITING)),
        due=Count("pk", filter=_READY & Q(due_at__lte=now)),
        scheduled=Count("pk", filter=_READY & Q(due_at__gt=now)),
        taken_back=Count("pk", filter=Q(queue_state=QueueState.DONE) & ~has_seen(Status.PUBLISHED, Status.FAILED)),
    )
    return Progress(**found)
