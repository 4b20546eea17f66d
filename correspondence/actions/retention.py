"""What has been kept long enough goes, a batch at a time."""

import time
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

from config.kernel import queue, shutdown
from correspondence.actions.batches import Change, change_mailings, first_batch
from correspondence.actions.clear import clear_mailings
from correspondence.actions.jobs import remove_jobs
from correspondence.actions.remove_history import IS_HELD, remove_histories, remove_keys, remove_unsent_attachments
from correspondence.models import Mailing
from correspondence.policies.retention import keep_for
from correspondence.querysets import MailingQuerySet
from registry.models import Resource

# Of one run; the next one goes on. The worker has letters to publish.
_MOST_SECONDS = 30.0
_ROWS = 1_000  # of one transaction

logger = structlog.get_logger(__name__)


def apply_retention(*, now: datetime) -> None:
    """What has been kept long enough is gone, or as much of it as there is time for. Twice is harmless.

    The kinds take turns, so that a long backlog of one holds up none of the others.

    Raises:
        OperationalError, InterfaceError, TookTooLong: the database is gone, or the task's time is over; the next run
            goes on.
    """
    deadline = time.monotonic() + _MOST_SECONDS
    walks = {
        "clear": _in_batches(Mailing.objects.to_clear(now), clear_mailings, now),
        "contents": _contents(now),
        "histories": _histories(now),
        "attachments": _unsent_attachments(now),
        "keys": _until_none(partial(remove_keys, now=now, most=_ROWS)),
        "jobs": _until_none(partial(remove_jobs, now=now, most=_ROWS)),
    }
    while walks and time.monotonic() < deadline and not shutdown.is_under_way():
        walks = {name: walk for name, walk in walks.items() if _goes_on(name, walk)}
    if walks:
        logger.warning("retention_not_finished", left=list(walks))


def _goes_on(name: str, walk: Iterator[None]) -> bool:
    """One batch more is done, and there may be others."""
    try:
        next(walk)
    except StopIteration:
        return False
    except queue.ENDS_THE_TASK:
        raise
    except Exception:
        # Whatever it was, it must not hold up the other kinds.
        logger.exception("retention_failed", kind=name)
        return False
    return True


def _contents(now: datetime) -> Iterator[None]:
    for resource in Resource.objects.all():
        keep = keep_for(resource)
        if keep.published_content is not None:
            published = Mailing.objects.published_until(resource.pk, now - timedelta(days=keep.published_content))
            yield from _in_batches(published, clear_mailings, now)
        if keep.expired_content is not None:
            expired = Mailing.objects.due_until(resource.pk, now - timedelta(days=keep.expired_content))
            yield from _in_batches(expired, clear_mailings, now)


def _histories(now: datetime) -> Iterator[None]:
    for resource in Resource.objects.all():
        if (days := keep_for(resource).history) is not None:
            erased = Mailing.objects.erased_until(resource.pk, now - timedelta(days=days)).exclude(IS_HELD)
            yield from _in_batches(erased, remove_histories, now)


def _unsent_attachments(now: datetime) -> Iterator[None]:
    for resource in Resource.objects.all():
        if (days := keep_for(resource).history) is not None:
            until = now - timedelta(days=days)
            yield from _until_none(partial(remove_unsent_attachments, resource_id=resource.pk, until=until, most=_ROWS))


def _until_none(remove: Callable[[], int]) -> Iterator[None]:
    while remove():
        yield


def _in_batches(found: MailingQuerySet, change: Change, now: datetime) -> Iterator[None]:
    """Each mailing that is found is changed, which takes it out of what is found."""
    before: Collection[UUID] = ()
    while ids := first_batch(found):
        if ids == before:
            return  # somebody has changed the rules meanwhile
        change_mailings(ids, change, now)
        before = ids
        yield
