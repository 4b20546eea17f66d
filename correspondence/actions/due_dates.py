"""At its due date a letter that nobody read, or confirmed as was asked, is told of (contract lifecycle.md §5, §9)."""

from datetime import datetime

from django.db import transaction

from config.kernel import events
from correspondence.models import Correspondence, Mailing
from correspondence.querysets import has_seen
from correspondence.statuses import Status

_AT_ONCE = 20


@transaction.atomic
def check_due_dates(*, now: datetime) -> int:
    """Events for those of the mailings whose due date has come. Answers how many mailings; twice is harmless.

    Only what is published is told of: it is not asked again for what goes out later.
    """
    due = Mailing.objects.due_to_check(now).select_for_update(skip_locked=True)
    mailings = list(due.only("pk", "is_confirmation_needed")[:_AT_ONCE])
    Mailing.objects.filter(pk__in=[mailing.pk for mailing in mailings]).update(due_check_at=None)
    for mailing in mailings:
        out = Correspondence.objects.filter(has_seen(Status.PUBLISHED), mailing=mailing).unpurged().order_by("pk")
        unread = out.exclude(has_seen(Status.READ)).values_list("pk", flat=True)
        events.tell("correspondencereceiverneverread", unread)
        if mailing.is_confirmation_needed:
            unconfirmed = out.exclude(has_seen(Status.CONFIRMED)).values_list("pk", flat=True)
            events.tell("correspondencereceiverneverconfirmed", unconfirmed)
    return len(mailings)
