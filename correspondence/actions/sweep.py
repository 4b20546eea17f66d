"""Find work again from its rows: what is due, and what a lost message left behind."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from config.kernel import queue
from config.kernel.database import DATABASE_GONE
from correspondence.actions.attachments import expire_links
from correspondence.actions.due_dates import check_due_dates
from correspondence.actions.heartbeat import SWEEP, beat
from correspondence.actions.jobs import wake_jobs
from correspondence.actions.tally import fold_tallies
from correspondence.actions.wake import wake_publishers
from correspondence.models import Mailing
from correspondence.querysets import MailingQuerySet

_NEXT_LOOK = timedelta(seconds=15)
_LATELY = timedelta(hours=1)

logger = structlog.get_logger(__name__)


def sweep(*, now: datetime) -> None:
    """Workers are woken for mailings that were not queued and for letters that are due; what expired has ended.

    Twice is harmless: a message is a wake-up, and each look moves a mailing's next look on.

    Raises:
        OperationalError, InterfaceError: the database is gone; the next sweep goes on.
    """
    for step in _STEPS:
        try:
            step(now=now)
        except DATABASE_GONE:
            raise
        except Exception:
            # Whatever it was, it must not hold up the other steps.
            logger.exception("sweep_failed", step=step.__name__.strip("_"))


def _beat(*, now: datetime) -> None:
    beat(name=SWEEP, now=now)


def _wake_forgotten(*, now: datetime) -> None:
    if ids := wake_mailings(Mailing.objects.forgotten(now), queue.room(queue.QUEUE), now):
        logger.warning("forgotten_mailings_found", mailing_ids=ids)


def wake_mailings(found: MailingQuerySet, most: int, now: datetime) -> list[UUID]:
    """Workers are woken to queue the first of these mailings, and look again in a while. Answers which."""
    return _wake(found, "correspondence.queue_mailing", most, next_look_at=now + _NEXT_LOOK)


def _wake_clearing(*, now: datetime) -> None:
    """Those whose last letter was purged lately, and whose message was lost. The retention looks at older ones."""
    lost = Mailing.objects.to_clear(now - _NEXT_LOOK).filter(purged_at__gt=now - _LATELY)
    _wake(lost, "correspondence.clear_mailing", queue.room(queue.MAINTENANCE), clear_at=now)


@transaction.atomic
def _wake(found: MailingQuerySet, task: str, most: int, **next_look: datetime) -> list[UUID]:
    """The task is woken for these mailings, as many as there is room for, and they are looked at again later."""
    ids = list(found.select_for_update(skip_locked=True).values_list("pk", flat=True)[:most])
    if ids:
        Mailing.objects.filter(pk__in=ids).update(**next_look)
    for row_id in ids:
        queue.after_commit(task, str(row_id))
    return ids


_STEPS = (
    _beat,
    _wake_forgotten,
    wake_publishers,
    _wake_clearing,
    wake_jobs,
    expire_links,
    check_due_dates,
    fold_tallies,
)
