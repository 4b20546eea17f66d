"""Wake workers for everything anew, after the broker has lost its messages."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction

from config.kernel import queue
from correspondence.actions.sweep import wake_mailings
from correspondence.actions.wake import wake_publishers
from correspondence.models import Mailing

_MOST_BROUGHT_FORWARD = 10_000

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Requeued:
    """How many messages went out, and for how many mailings there was no room."""

    mailings: int
    publishers: int
    left: int


def requeue(*, now: datetime) -> Requeued:
    """Messages for mailings that are not queued and for letters that are due, as many as the broker's queues have room.

    Twice is harmless. What there was no room for the next sweeps find, which are woken too: those of attachments wake
    scans and whatever else waits there.

    Raises:
        BrokerUnreachable: nobody can be woken; nothing was changed.
    """
    queue.length(queue.QUEUE)
    room = queue.room(queue.QUEUE)
    mailings = wake_mailings(Mailing.objects.unqueued().order_by("next_look_at"), room, now)
    publishers = wake_publishers(now=now)
    with transaction.atomic():
        # Passed over where somebody holds them: who settles an attachment locks several mailings, in another order.
        later = Mailing.objects.unqueued().filter(next_look_at__gt=now).exclude(pk__in=mailings)
        ids = list(later.select_for_update(skip_locked=True).values_list("pk", flat=True)[:_MOST_BROUGHT_FORWARD])
        Mailing.objects.filter(pk__in=ids).update(next_look_at=now)
        queue.after_commit("correspondence.sweep")
        queue.after_commit("attachments.sweep")
    done = Requeued(len(mailings), publishers, len(ids))
    logger.info("everything_requeued", mailings=done.mailings, publishers=publishers, left=done.left)
    return done
