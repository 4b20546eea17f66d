"""What nobody needs any more is cleared away: content whose time is over, and the attachments that only it used."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Case, DateTimeField, Exists, OuterRef, Value, When

from attachments.actions import expire_overdue, purge_unused
from correspondence.actions.batches import LOOK_AGAIN, change_alone
from correspondence.models import Correspondence, Mailing, MailingAttachment
from correspondence.policies.retention import content_ends
from correspondence.querysets import ERASED

_FILES = 100  # of one transaction: senders who name one of them in a letter wait for it

logger = structlog.get_logger(__name__)


def clear_mailing(*, mailing_id: UUID, now: datetime) -> None:
    """Its content is erased if nobody needs it any longer, and attachments that no letter uses are purged.

    Twice is harmless. A mailing that cannot be changed is put off for a day.
    """
    change_alone(mailing_id, clear_mailings, now)


def clear_mailings(*, mailing_ids: Collection[UUID], now: datetime) -> int:
    """As clear_mailing, for several. Answers of how many the content was erased just now.

    Several transactions: whoever settles an attachment locks it first and its mailings after it, so nobody may do it
    the other way round. `clear_at` stands until all is done, for the retention to go on where this was cut off.
    """
    erased = _erase_what_is_over(mailing_ids, now)
    begun = Mailing.objects.filter(pk__in=mailing_ids, clear_at__isnull=False).order_by("pk")
    if ids := list(begun.values_list("pk", flat=True)):
        _purge_unused_attachments(ids, now)
        _settle_next_look(ids, now)
    return len(erased)


@transaction.atomic
def _erase_what_is_over(mailing_ids: Collection[UUID], now: datetime) -> Sequence[UUID]:
    locked = Mailing.objects.locked().out_of_queue().without_content().select_related("resource")
    ids = [
        mailing.pk
        for mailing in locked.filter(pk__in=mailing_ids, content_erased_at=None).order_by("pk")
        if (end := content_ends(mailing)) is not None and end <= now
    ]
    if ids:
        Correspondence.objects.filter(mailing__in=ids).exclude(recipient_name="").update(recipient_name="")
        Mailing.objects.filter(pk__in=ids).update(**ERASED, content_erased_at=now, clear_at=_if_files_are_left(now))
        logger.info("content_erased", mailing_ids=ids, count=len(ids))
    return ids


def _if_files_are_left(now: datetime) -> Case:
    linked = Exists(MailingAttachment.objects.filter(mailing=OuterRef("pk")))
    return Case(When(linked, then=Value(now)), default=None, output_field=DateTimeField())


def _purge_unused_attachments(mailing_ids: Sequence[UUID], now: datetime) -> None:
    """Those that no letter uses are purged; those that are left with links that have expired, expire."""
    links = MailingAttachment.objects.filter(mailing__in=mailing_ids)
    attachment_ids = list(links.order_by("attachment").values_list("attachment", flat=True).distinct())
    for begin in range(0, len(attachment_ids), _FILES):
        chunk = attachment_ids[begin : begin + _FILES]
        purge_unused(attachment_ids=chunk, now=now)
        expire_overdue(attachment_ids=chunk, now=now)


@transaction.atomic
def _settle_next_look(mailing_ids: Sequence[UUID], now: datetime) -> None:
    locked = Mailing.objects.locked().without_content().select_related("resource")
    mailings = list(locked.filter(pk__in=mailing_ids).order_by("pk"))
    for mailing in mailings:
        mailing.clear_at = _next_look(mailing, now)
    Mailing.objects.bulk_update(mailings, ["clear_at"])


def _next_look(mailing: Mailing, now: datetime) -> datetime | None:
    """None where nothing is left to do, or nothing was purged: then the retention finds it by its dates."""
    if mailing.purged_at is None or mailing.content_erased_at is not None:
        return None
    again = now + LOOK_AGAIN  # the days may have been changed by then
    return min(content_ends(mailing) or again, again)
