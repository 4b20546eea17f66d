"""What the cleaning did, added up by day for the back-office."""

from datetime import datetime

import structlog
from django.db.models import F

from attachments.models import CleaningDay

logger = structlog.get_logger(__name__)


def count(now: datetime, **done: int) -> None:
    """So many more of each of CleaningDay's figures, on the day of `now`; nothing is written where all are 0."""
    if not any(done.values()):
        return
    day, _ = CleaningDay.objects.get_or_create(day=now.date())
    CleaningDay.objects.filter(pk=day.pk).update(**{name: F(name) + number for name, number in done.items()})
    logger.info("attachments_cleaned", **done)
