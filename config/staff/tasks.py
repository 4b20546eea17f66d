"""Celery's door to the tidying."""

from celery import shared_task

from config.kernel import clock
from config.staff import actions


@shared_task(name="staff.tidy")
def tidy() -> None:
    """Started by beat each hour. Twice: there is nothing left to remove."""
    actions.tidy(now=clock.now())
