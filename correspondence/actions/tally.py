"""Rows that count what was published are folded together: a minute's into one, then an hour's; old ones go."""

from datetime import datetime, timedelta
from typing import LiteralString

from django.db import connection

from correspondence.models import PublishedTally
from correspondence.statuses import Fold

KEPT = timedelta(days=35)  # pages show 30
# At once; the next sweep goes on.
_MOST = 20_000
# Rows that another sweep holds are passed over. One that is written too late for its fold is folded by itself, and adds
# up all the same.
_FOLD: LiteralString = """
    WITH folded AS (
        DELETE FROM correspondence_publishedtally WHERE id = ANY(ARRAY(
            SELECT id FROM correspondence_publishedtally WHERE fold = %(fold)s - 1 AND at < %(before)s
            LIMIT %(most)s FOR UPDATE SKIP LOCKED
        ))
        RETURNING owner_id, at, letters
    )
    INSERT INTO correspondence_publishedtally (owner_id, at, fold, letters)
    SELECT owner_id, date_trunc(%(unit)s, at, 'UTC'), %(fold)s, sum(letters) FROM folded GROUP BY 1, 2"""


def fold_tallies(*, now: datetime) -> None:
    """Of each minute that is over there is one row for an owner, of hours before the last one likewise; old ones go.

    No count is changed by it, whoever looks meanwhile; twice is harmless.
    """
    minute = now.replace(second=0, microsecond=0)
    _fold(Fold.MINUTE, "minute", minute - timedelta(minutes=1))
    # Minutes are shown for an hour.
    _fold(Fold.HOUR, "hour", minute.replace(minute=0) - timedelta(hours=1))
    PublishedTally.objects.filter(fold=Fold.HOUR, at__lt=now - KEPT).delete()


def _fold(fold: Fold, unit: str, before: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FOLD, {"fold": fold.value, "unit": unit, "before": before, "most": _MOST})
