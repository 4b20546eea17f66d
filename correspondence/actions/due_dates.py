"""At its due date a letter that nobody read, or confirmed as was asked, is told of (contract lifecycle.md §5, §9)."""

import time
from datetime import datetime

from django.db import transaction

from config.kernel import events, shutdown
from correspondence.models import Correspondence, Mailing
from correspondence.querysets import has_seen
from correspondence.statuses import Event, Status

_AT_ONCE = 100
_MOST_SECONDS = 3.0  # of one sweep; the next goes on


def check_due_dates(*, now: datetime) -> int:
    """Events for those of the mailings whose due date has come. Answers how many mailings; twice is harmless.

    Only what is published is told of, be it deleted since, unless it was Reserved: nobody asks again for what goes out
    later.
    """
    deadline, checked = time.monotonic() + _MOST_SECONDS, 0
    while done := _check_some(now):
        checked += done
        if time.monotonic() > deadline or shutdown.is_under_way():
            break
    return checked


@transaction.atomic
def _check_some(now: datetime) -> int:
    due = Mailing.objects.due_to_check(now).select_for_update(skip_locked=True)
    ids = list(due.values_list("pk", flat=True)[:_AT_ONCE])
    if not ids:
        return 0
    Mailing.objects.filter(pk__in=ids).update(due_check_at=None)
    out = Correspondence.objects.filter(has_seen(Status.PUBLISHED), mailing__in=ids).order_by("pk")
    told = out.exclude(has_seen(Status.RESERVED))
    events.tell(Event.NEVER_READ, told.exclude(has_seen(Status.READ)).values_list("pk", flat=True))
    unconfirmed = told.filter(mailing__is_confirmation_needed=True).exclude(has_seen(Status.CONFIRMED))
    events.tell(Event.NEVER_CONFIRMED, unconfirmed.values_list("pk", flat=True))
    return len(ids)
