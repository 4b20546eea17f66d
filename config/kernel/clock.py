"""The only place that reads the time. Views, tasks and commands ask once and pass it on."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)
