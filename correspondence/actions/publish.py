"""Publish what is due, a chunk at a time; what raises is tried alone, and set aside in the end."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F

from config.kernel import events, queue, shutdown, trace
from config.kernel.database import PASSING, DatabaseBusy
from config.kernel.masking import mask_person_numbers
from correspondence.actions.advance import lift_reservation, mark_failed, mark_published
from correspondence.actions.attachments import hold_files, judge_files
from correspondence.actions.outcomes import Claimed, claimed, tell_failed, tell_published, tell_put_off
from correspondence.actions.queue import queue_mailing
from correspondence.actions.wake import MOST_PUBLISHERS
from correspondence.metrics import PUBLISHED
from correspondence.models import Correspondence
from correspondence.policies.pauses import is_paused, may_go_out
from correspondence.policies.recipients import refused
from correspondence.querysets import CorrespondenceQuerySet
from correspondence.statuses import Event, QueueState, Status

_LONGEST_ERROR = 2000
_WHILE_A_FILE_CHANGES = timedelta(seconds=2)

logger = structlog.get_logger(__name__)


def publish_due(*, clock: Callable[[], datetime]) -> int:
    """What is due is published, until nothing is left, the task's time is up or its worker is to end. Answers how many.

    Then another task is woken to go on. Rows that another worker holds are passed over.

    Raises:
        OperationalError, InterfaceError: the database is gone; the sweep will find the rest.
        TookTooLong: TASK_SOFT_SECONDS are over, in the middle of a chunk; likewise.
    """
    published, deadline = 0, time.monotonic() + settings.PUBLISH_TASK_SECONDS

    def is_over() -> bool:
        return time.monotonic() >= deadline or shutdown.is_under_way()

    while not is_over():
        claimed, done = _publish_chunk(clock(), is_over)
        published += done
        if claimed == 0:
            return published
    queue.after_commit("correspondence.publish_due")
    return published


def publish_if_due(*, letter: Correspondence, now: datetime) -> None:
    """The letter is published if its time has come and nobody has paused it: somebody asks for it before a worker does.

    Who asks at the same moment waits, and finds it published. A fault of its own is noted on its row, as where a worker
    meets it.

    Raises:
        OperationalError, InterfaceError, DatabaseBusy: the database is gone, or somebody holds the letter too long.
    """
    if letter.due_at > now or letter.queue_state not in (QueueState.WAITING, QueueState.READY):
        return
    if is_paused(letter):
        return
    if letter.queue_state == QueueState.WAITING:
        queue_mailing(mailing_id=letter.mailing_id, now=now)
    try:
        with transaction.atomic():
            hold_files(letter.mailing_id)
            _publish_if(Correspondence.objects.overdue(now), letter.pk, now)
    except PASSING:
        raise
    except Exception as error:  # noqa: BLE001 - noted on the row by the second try
        logger.warning("letter_not_published", correspondence_id=letter.pk, error=str(error))
        _publish_alone(letter.pk, now)


def _publish_chunk(now: datetime, is_over: Callable[[], bool]) -> tuple[int, int]:
    """How many rows were claimed, and how many of them published."""
    ids: list[UUID] = []
    try:
        with transaction.atomic():
            # While some are paused the letters are found first, as many as there may be workers who claim them.
            found = may_go_out(now, most=settings.PUBLISH_CHUNK * MOST_PUBLISHERS)
            letters = claimed(found.claimed()[: settings.PUBLISH_CHUNK])
            ids = [row.pk for row in letters]
            done = _publish(letters, now) if ids else 0
    except queue.ENDS_THE_TASK:
        raise
    except Exception as error:
        # Whatever it was, it must not hold up the chunk's other letters: each is tried alone.
        logger.warning("chunk_not_published", correspondence_ids=ids, error=str(error))
        if not ids:
            raise
        return len(ids), _publish_each(ids, now, is_over)
    return len(ids), done


def _publish_each(ids: Sequence[UUID], now: datetime, is_over: Callable[[], bool]) -> int:
    """Each is tried alone until the time is up, which may be long before the last: each may wait for a lock.

    One at least, or a chunk that takes up all of the time would never get on. Answers how many are published.
    """
    published = 0
    for row_id in ids:
        published += _publish_alone(row_id, now)
        if is_over():
            break
    return published


def _publish(letters: Sequence[Claimed], now: datetime) -> int:
    """The claimed letters are published, failed, or put off. Answers how many are published."""
    judged = judge_files({row.mailing_id for row in letters})
    for mailing_id, reason in judged.lost.items():
        _fail([row for row in letters if row.mailing_id == mailing_id], reason, now)
    with_files = [row for row in letters if row.mailing_id not in judged.lost]
    turned_away = refused([row.pk for row in with_files])
    for reason, ids in turned_away.items():
        _fail([row for row in with_files if row.pk in ids], reason, now)
        events.tell(Event.PUBLISH_FAILED, ids)
    failed = {row_id for ids in turned_away.values() for row_id in ids}
    left = [row for row in with_files if row.pk not in failed]
    if busy := [row for row in left if row.mailing_id in judged.busy]:
        ids_of_busy = [row.pk for row in busy]
        Correspondence.objects.filter(pk__in=ids_of_busy).update(next_try_at=now + _WHILE_A_FILE_CHANGES)
        tell_put_off(busy)
    out = [row for row in left if row.mailing_id not in judged.busy]
    if lifted := [row.pk for row in out if row.status == Status.RESERVED]:
        lift_reservation(lifted, now)
    events.tell(Event.PUBLISHED, [row.pk for row in out])
    tell_published(out, now)
    return mark_published([row.pk for row in out], now)


def _fail(letters: Sequence[Claimed], reason: str, now: datetime) -> None:
    mark_failed([row.pk for row in letters], reason, now)
    tell_failed(letters, reason)


def _publish_alone(id: UUID, now: datetime) -> int:
    attempt = _count_attempt(id, now)
    if attempt is None:
        return 0
    attempts, traceparent = attempt
    with trace.within(traceparent):
        try:
            with transaction.atomic():
                return _publish_if(Correspondence.objects.ready(), id, now)
        except queue.ENDS_THE_TASK:
            raise
        except Exception as error:  # noqa: BLE001 - noted on the row and logged, and tried again
            _note_failure(id, attempts, error)
            return 0


def _publish_if(found: CorrespondenceQuerySet, id: UUID, now: datetime) -> int:
    """The letter is published if it is among these once nobody else holds it: to pass it over would put it off."""
    return _publish(claimed(found.filter(pk=id).select_for_update(of=("self",))), now)


def _count_attempt(id: UUID, now: datetime) -> tuple[int, str] | None:
    """The number of this attempt, committed before it is made: one that kills its worker counts too. And the trace.

    None where another worker has taken the row meanwhile.
    """
    with transaction.atomic():
        due = Correspondence.objects.due(now).claimed().filter(pk=id)
        found = due.values_list("attempts", "mailing__traceparent").first()
        if found is None:
            return None
        attempts, traceparent = found
        # Bounded, since attempts that the database cuts short are not: a letter is not given up for those.
        pause = timedelta(seconds=settings.PUBLISH_RETRY_SECONDS * 4 ** min(attempts, settings.PUBLISH_ATTEMPTS - 1))
        Correspondence.objects.filter(pk=id).update(attempts=F("attempts") + 1, next_try_at=now + pause)
    return attempts + 1, traceparent


def _note_failure(id: UUID, attempts: int, error: Exception) -> None:
    given_up = attempts >= settings.PUBLISH_ATTEMPTS and not isinstance(error, DatabaseBusy)
    state = QueueState.SET_ASIDE if given_up else QueueState.READY
    # Masked before it is cut: what is left of a number at the end, no mask would know.
    text = mask_person_numbers(f"{type(error).__name__}: {error}")[:_LONGEST_ERROR]
    Correspondence.objects.ready().filter(pk=id).update(queue_state=state, last_error=text)
    PUBLISHED.labels("set_aside" if given_up else "not_published").inc()
    logger.error(
        "correspondence_set_aside" if given_up else "correspondence_not_published",
        correspondence_id=id,
        attempts=attempts,
        error=text,
    )
