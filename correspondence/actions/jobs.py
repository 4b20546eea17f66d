"""What caseworkers ask for is done with letters, one or many: a batch in each transaction, and none twice.

The job's row is the queue, and messages are wake-ups only: whatever ends a worker, the sweep finds the job, and its
position tells which letters have had their turn.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from config.kernel import queue, shutdown
from config.kernel.database import DatabaseBusy
from config.kernel.masking import mask_person_numbers
from correspondence.actions.acts import Acted
from correspondence.actions.cancel import cancel
from correspondence.actions.publish_now import publish_now
from correspondence.actions.retry import retry_set_aside
from correspondence.actions.send_again import send_again
from correspondence.models import BulkJob, BulkRefusal
from correspondence.policies.acts import Refused
from correspondence.statuses import Act, JobState, Refusal

BATCH = 200
AT_ONCE = 200  # letters with which it is done while somebody waits for the page
_NEXT_LOOK = timedelta(seconds=15)
_PLANS_ARE_KEPT, _JOBS_ARE_KEPT = timedelta(days=1), timedelta(days=90)

logger = structlog.get_logger(__name__)


class Doing(Protocol):
    """What is done with letters."""

    def __call__(self, *, ids: Sequence[UUID], by: str, now: datetime, reason: str) -> Acted:
        """Answers with which."""
        ...


_DOINGS: Mapping[Act, Doing] = {
    Act.RETRY: retry_set_aside,
    Act.SEND_AGAIN: send_again,
    Act.PUBLISH_NOW: publish_now,
    Act.CANCEL: cancel,
}


@transaction.atomic
def plan(*, job_id: UUID, act: Act, ids: Collection[UUID], owners: Collection[int], by: str, now: datetime) -> BulkJob:
    """What is to be done with these letters, of these owners, is written down; nothing is done yet.

    Twice with the same id is once.
    """
    facts = {"targets": sorted(ids), "owners": sorted(owners), "total": len(ids)}
    job, _ = BulkJob.objects.get_or_create(pk=job_id, defaults={"act": act, "by": by, "made_at": now, **facts})
    return job


def begin(*, job_id: UUID, reason: str, clock: Callable[[], datetime]) -> bool:
    """Somebody has said yes. A few letters have had their turn when this comes back; of many a worker takes care.

    False where it was said before.
    """
    now = clock()
    under_way = {"state": JobState.UNDER_WAY, "begun_at": now, "next_look_at": now + _NEXT_LOOK}
    why = mask_person_numbers(reason.strip())
    with transaction.atomic():
        if not BulkJob.objects.filter(pk=job_id, state=JobState.PLANNED).update(**under_way, reason=why):
            return False
        job = BulkJob.objects.defer("targets").get(pk=job_id)
        if job.total > AT_ONCE:
            queue.after_commit("correspondence.work_off_job", str(job.pk))
    logger.info("job_begun", job_id=job_id, act=job.act, by=job.by, letters=job.total)
    if job.total <= AT_ONCE:
        try:
            # Others who have just said yes in vain may hold the row still, for a moment.
            work_off(job_id=job_id, clock=clock, is_patient=True)
        except DatabaseBusy as error:  # somebody holds one of the letters for longer than a page may take
            logger.warning("job_left_to_a_worker", job_id=job_id, error=str(error))
            queue.after_commit("correspondence.work_off_job", str(job_id))
    return True


def work_off(*, job_id: UUID, clock: Callable[[], datetime], is_patient: bool = False) -> None:
    """The job's letters have their turn, until none is left, or the task's time is up; then another task is woken.

    Where somebody else works at the job there is nothing to do; who is patient waits for him.

    Raises:
        OperationalError, InterfaceError, DatabaseBusy, TookTooLong: the sweep will find what is left.
    """
    deadline = time.monotonic() + settings.PUBLISH_TASK_SECONDS
    while _next_batch(job_id, clock(), is_patient=is_patient):
        if time.monotonic() >= deadline or shutdown.is_under_way():
            queue.after_commit("correspondence.work_off_job", str(job_id))
            return


def _next_batch(job_id: UUID, now: datetime, *, is_patient: bool) -> bool:
    """One batch has had its turn, and there is another one. False also where somebody else works at the job."""
    try:
        return _turn(job_id, now, BATCH, is_patient=is_patient)
    except (*queue.ENDS_THE_TASK, DatabaseBusy):
        raise
    except Exception as error:  # noqa: BLE001 - logged; whatever it was, it must not hold up the other letters
        logger.warning("batch_of_job_failed", job_id=job_id, error=str(error))
    return all(_turn_of_one(job_id, now) for _ in range(BATCH))  # up to the first that says that none is left


def _turn_of_one(job_id: UUID, now: datetime) -> bool:
    try:
        return _turn(job_id, now, 1)
    except (*queue.ENDS_THE_TASK, DatabaseBusy):
        raise
    except Exception:
        logger.exception("letter_of_job_failed", job_id=job_id)
        return _turn(job_id, now, 1, _give_up)


def _give_up(*, ids: Sequence[UUID], by: str, now: datetime, reason: str) -> Acted:
    return Acted((), dict.fromkeys(ids, Refused(Refusal.ERROR)))


@transaction.atomic
def _turn(job_id: UUID, now: datetime, most: int, doing: Doing | None = None, *, is_patient: bool = False) -> bool:
    """So many letters have had their turn, and there are others. Who works at the job holds its row."""
    under_way = BulkJob.objects.filter(pk=job_id, state=JobState.UNDER_WAY).defer("targets")
    job = under_way.select_for_update(skip_locked=not is_patient).first()
    if job is None:
        return False
    ids = _targets(job, most)
    do = doing or _DOINGS[Act(job.act)]
    acted = do(ids=ids, by=job.by, now=now, reason=job.reason)
    BulkRefusal.objects.bulk_create(
        BulkRefusal(job=job, letter=key, why=each.why, detail=each.detail) for key, each in acted.refused.items()
    )
    job.position += len(ids)
    job.done += len(acted.done)
    job.next_look_at = now + _NEXT_LOOK
    if job.position == job.total:
        job.state, job.ended_at, job.next_look_at = JobState.ENDED, max(now, job.begun_at or now), None
        transaction.on_commit(partial(_tell, job), robust=True)
    job.save(update_fields=["position", "done", "next_look_at", "state", "ended_at"])
    return job.state == JobState.UNDER_WAY


def _targets(job: BulkJob, most: int) -> list[UUID]:
    """The next ones: the whole list, which may be long, is not fetched."""
    part = f"targets__{job.position}_{min(job.position + most, job.total)}"
    [ids] = BulkJob.objects.filter(pk=job.pk).values_list(part, flat=True)
    return list(ids)


def _tell(job: BulkJob) -> None:
    logger.info("job_ended", job_id=job.pk, act=job.act, by=job.by, done=job.done, refused=job.refused)


@transaction.atomic
def wake_jobs(*, now: datetime) -> int:
    """Workers are woken for jobs at which nobody has worked for a while. Answers how many."""
    forgotten = BulkJob.objects.forgotten(now).select_for_update(skip_locked=True)
    ids = list(forgotten.values_list("pk", flat=True)[: queue.room(queue.MAINTENANCE)])
    if ids:
        BulkJob.objects.filter(pk__in=ids).update(next_look_at=now + _NEXT_LOOK)
    for job_id in ids:
        queue.after_commit("correspondence.work_off_job", str(job_id))
    return len(ids)


@transaction.atomic
def remove_jobs(*, now: datetime, most: int) -> int:
    """At most so many jobs are removed that nobody confirmed, or that ended long ago. Answers how many.

    What was done stays in the audit log.
    """
    over = BulkJob.objects.over(planned_until=now - _PLANS_ARE_KEPT, ended_until=now - _JOBS_ARE_KEPT)
    ids = list(over.select_for_update(skip_locked=True).values_list("pk", flat=True)[:most])
    BulkJob.objects.filter(pk__in=ids).delete()
    return len(ids)
