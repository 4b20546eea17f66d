"""The only place that reads the time. Views, tasks and commands ask once and pass it on."""

from datetime import UTC, datetime, timedelta

# A hundred years: what reaches before the year 1 cannot be reckoned with.
MOST_DAYS = 36_500


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def days_after(moment: datetime | None, days: int | None) -> datetime | None:
    """The moment so many days later, or the last one that there is; None, which is never, where either is missing."""
    if moment is None or days is None:
        return None
    try:
        return moment + timedelta(days=days)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
