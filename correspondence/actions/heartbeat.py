"""A sign of life of what beat starts, for `manage.py doctor`."""

from datetime import datetime

from correspondence.models import Heartbeat

SWEEP = "sweep"


def beat(*, name: str, now: datetime) -> None:
    """This has run at this moment, as its row says from now on."""
    row = Heartbeat(name=name, at=now)
    Heartbeat.objects.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=["at"])
