"""Celery's door to the tidying."""

from celery import shared_task

from config.imports import actions
from config.kernel import clock


@shared_task(name="imports.tidy")
def tidy() -> None:
    """Started by beat every ten minutes. Twice: there is nothing left to remove."""
    actions.tidy(now=clock.now())
