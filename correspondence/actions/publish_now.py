"""Letters that are scheduled for later go out at once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from correspondence.actions.acts import Acted, held, note
from correspondence.actions.wake import wake_publishers
from correspondence.models import Correspondence
from correspondence.statuses import Act

logger = structlog.get_logger(__name__)


@transaction.atomic
def publish_now(*, ids: Sequence[UUID], by: str, now: datetime, reason: str) -> Acted:
    """Those of the letters that are for later are due now: by their own time, whatever that of their mailing is.

    What else holds one up still does: a pause, a file that is being scanned. The wire goes on telling the time that the
    sender asked for.
    """
    letters, refused = held(ids, Act.PUBLISH_NOW, now)
    done = [letter.pk for letter in letters]
    if done:
        Correspondence.objects.filter(pk__in=done).update(due_at=now, next_try_at=now)
        note(Act.PUBLISH_NOW, letters, by=by, now=now, reason=reason)
        wake_publishers(now=now)
        logger.info("published_ahead_of_time", correspondence_ids=done, count=len(done), by=by)
    return Acted(done, refused)
