"""Celery's doors to the actions. Ids in, or nothing; each may run twice."""

from uuid import UUID

from celery import shared_task

from config.kernel import clock
from correspondence import actions


@shared_task(name="correspondence.queue_mailing")
def queue_mailing(mailing_id: str) -> None:
    """Woken by initialize, and by the sweep for what was forgotten. Twice: the second finds nothing waiting."""
    actions.queue_mailing(mailing_id=UUID(mailing_id), now=clock.now())


@shared_task(name="correspondence.publish_due")
def publish_due() -> None:
    """Woken by queue_mailing, and by the sweep for what has come due. Twice: rows are claimed under a lock."""
    actions.publish_due(clock=clock.now)


@shared_task(name="correspondence.sweep")
def sweep() -> None:
    """Started by beat every few seconds. Two beats at once cost messages, nothing else."""
    actions.sweep(now=clock.now())


@shared_task(name="correspondence.clear_mailing")
def clear_mailing(mailing_id: str) -> None:
    """Woken by the purge of a mailing's last letter, and by the sweep. Twice: nothing is left to clear."""
    actions.clear_mailing(mailing_id=UUID(mailing_id), now=clock.now())


@shared_task(name="correspondence.retention")
def retention() -> None:
    """Started by beat every hour. Two at once wait for each other's batches, and find them done."""
    actions.apply_retention(now=clock.now())


@shared_task(name="correspondence.work_off_job")
def work_off_job(job_id: str) -> None:
    """Woken when somebody confirms a job, and by the sweep. Twice: who works at it holds its row, the other ends."""
    actions.work_off(job_id=UUID(job_id), clock=clock.now)
