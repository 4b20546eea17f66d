"""How long what was sent is kept (docs/retention.md)."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from config.kernel.clock import days_after
from correspondence.models import Mailing
from registry.models import Resource


@dataclass(frozen=True, slots=True)
class Keep:
    """For how many days something is kept of what a resource sent; None: for ever."""

    purged_content: int | None
    expired_content: int | None
    published_content: int | None
    history: int | None


def keep_for(resource: Resource) -> Keep:
    """The resource's own days, each of them; where it has none, the service's."""
    return Keep(
        purged_content=_first(resource.purged_content_days, settings.KEEP_PURGED_CONTENT_DAYS),
        expired_content=_first(resource.expired_content_days, settings.KEEP_EXPIRED_CONTENT_DAYS),
        published_content=_first(resource.published_content_days, settings.KEEP_PUBLISHED_CONTENT_DAYS),
        history=_first(resource.history_days, settings.KEEP_HISTORY_DAYS),
    )


def _first(own: int | None, default: int | None) -> int | None:
    return default if own is None else own


def content_ends(mailing: Mailing) -> datetime | None:
    """From when on nobody needs the mailing's content, by whichever rule comes first; None: it is kept for ever.

    Letters that are still in the queue need it all the same.
    """
    keep = keep_for(mailing.resource)
    ends = (
        days_after(mailing.purged_at, keep.purged_content),
        days_after(mailing.due_date_time, keep.expired_content),
        # What was never published counts like what was: both had their time then.
        days_after(mailing.due_at, keep.published_content),
    )
    return min((end for end in ends if end is not None), default=None)


def history_ends(mailing: Mailing) -> datetime | None:
    """From when on nobody needs what is left of the mailing; None: it is kept for ever.

    An idempotency key that is kept keeps it all the same.
    """
    return days_after(mailing.content_erased_at or content_ends(mailing), keep_for(mailing.resource).history)
