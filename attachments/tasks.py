"""Celery's doors to the actions. Ids in, or nothing; each may run twice."""

from uuid import UUID

from celery import shared_task
from django.conf import settings

from attachments import actions
from config.kernel import clock

_LATELY = 3  # days
# Seconds; the second is for a process that does not even notice the first.
_SOFT, _HARD = settings.SCAN_TASK_SECONDS, settings.SCAN_TASK_SECONDS + 60


@shared_task(name="attachments.scan", soft_time_limit=_SOFT, time_limit=_HARD)
def scan(attachment_id: str) -> None:
    """Woken by an upload, and by the sweep for what was forgotten. Twice: the second verdict comes too late."""
    actions.scan(attachment_id=UUID(attachment_id), clock=clock.now)


@shared_task(name="attachments.remove_bytes")
def remove_bytes(attachment_id: str) -> None:
    """Woken when an attachment is gone, and by the sweep. Twice: there is nothing left to remove."""
    actions.remove_bytes(attachment_id=UUID(attachment_id), now=clock.now())


@shared_task(name="attachments.sweep")
def sweep() -> None:
    """Started by beat every few seconds, and by a form whose files are to be scanned. Twice: costs messages."""
    actions.sweep(now=clock.now())


@shared_task(name="attachments.remove_orphans", soft_time_limit=_SOFT, time_limit=_HARD)
def remove_orphans() -> None:
    """Started by beat each hour, for what died lately. Twice at once: bytes that are gone are gone."""
    actions.remove_orphans(now=clock.now(), days=_LATELY)


@shared_task(name="attachments.remove_all_orphans", soft_time_limit=_SOFT, time_limit=_HARD)
def remove_all_orphans() -> None:
    """Started by beat each day, for whatever the hourly one has missed. Twice at once: as above."""
    actions.remove_orphans(now=clock.now())
