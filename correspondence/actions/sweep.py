"""Find work again from its rows: what is due, and what a lost message left behind."""

from datetime import datetime, timedelta
from math import ceil

import structlog
from django.conf import settings
from django.db import transaction

from config.kernel import queue
from correspondence.actions.attachments import expire_links
from correspondence.actions.due_dates import check_due_dates
from correspondence.models import Correspondence, Mailing

_NEXT_LOOK = timedelta(seconds=15)
_MOST_PUBLISHERS = 10

logger = structlog.get_logger(__name__)


def sweep(*, now: datetime) -> None:
    """Workers are woken for mailings that were not queued and for letters that are due; what expired has ended.

    Twice is harmless: a message is a wake-up, and each look moves a mailing's next look on.
    """
    _wake_forgotten(now, queue.room(queue.QUEUE))
    _wake_publishers(now)
    _wake_clearing(now, queue.room(queue.MAINTENANCE))
    expire_links(now=now)
    check_due_dates(now=now)


@transaction.atomic
def _wake_forgotten(now: datetime, room: int) -> None:
    forgotten = Mailing.objects.forgotten(now).select_for_update(skip_locked=True).values_list("pk", flat=True)
    ids = list(forgotten[:room]) if room else []
    if not ids:
        return
    Mailing.objects.filter(pk__in=ids).update(next_look_at=now + _NEXT_LOOK)
    for row_id in ids:
        queue.after_commit("correspondence.queue_mailing", str(row_id))
    logger.warning("forgotten_mailings_found", mailing_ids=ids)


@transaction.atomic
def _wake_clearing(now: datetime, room: int) -> None:
    """Mailings whose last letter was purged a while ago, and whose message was lost."""
    waiting = (
        Mailing.objects.to_clear(now - _NEXT_LOOK).select_for_update(skip_locked=True).values_list("pk", flat=True)
    )
    ids = list(waiting[:room])
    if not ids:
        return
    Mailing.objects.filter(pk__in=ids).update(clear_at=now)
    for row_id in ids:
        queue.after_commit("correspondence.clear_mailing", str(row_id))


def _wake_publishers(now: datetime) -> None:
    due = Correspondence.objects.due(now)[: settings.PUBLISH_CHUNK * _MOST_PUBLISHERS].values("pk").count()
    wanted = ceil(due / settings.PUBLISH_CHUNK)
    for _ in range(min(wanted, queue.room(queue.PUBLISH)) if wanted else 0):
        queue.after_commit("correspondence.publish_due")
