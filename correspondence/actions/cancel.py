"""Letters are cancelled before they are published: they have failed, with the reason."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import OuterRef

from config.kernel import events
from config.kernel.masking import mask_person_numbers
from correspondence.actions.acts import Acted, held, note
from correspondence.actions.advance import mark_cancelled
from correspondence.metrics import PUBLISHED
from correspondence.models import Correspondence, Mailing
from correspondence.querysets import any_of
from correspondence.statuses import Act, Event

logger = structlog.get_logger(__name__)


@transaction.atomic
def cancel(*, ids: Sequence[UUID], by: str, now: datetime, reason: str) -> Acted:
    """Those of the letters that are not out have failed for good, and never will be out.

    Their history says why, to the sender as well, and by whom. What they carried is kept as with every letter that has
    failed: until the sender deletes them, or the retention does.
    """
    letters, refused = held(ids, Act.CANCEL, now)
    done = [letter.pk for letter in letters]
    if done:
        mark_cancelled(done, f"Cancelled before it was published: {mask_person_numbers(reason)}", now, by)
        _forget_queued({letter.mailing_id for letter in letters})
        note(Act.CANCEL, letters, by=by, now=now, reason=reason)
        events.tell(Event.PUBLISH_FAILED, done)
        transaction.on_commit(lambda: PUBLISHED.labels("cancelled").inc(len(done)), robust=True)
        logger.info("correspondences_cancelled", correspondence_ids=done, count=len(done), by=by)
    return Acted(done, refused)


def _forget_queued(mailing_ids: Collection[UUID]) -> None:
    """Mailings of which no letter waits to be queued any more need nobody who queues them."""
    waiting = Correspondence.objects.waiting().filter(mailing=OuterRef("pk"))
    Mailing.objects.unqueued().filter(pk__in=mailing_ids).exclude(any_of(waiting)).update(next_look_at=None)
