"""The last that is known of what was sent: it is removed for good."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q

from attachments.actions import forget
from attachments.models import Attachment
from attachments.statuses import GONE
from correspondence.models import Correspondence, IdempotencyKey, Mailing, MailingAttachment, SentAgain, StatusEvent
from correspondence.policies.retention import history_ends
from correspondence.querysets import any_of

# A client that sends again must hear that it has sent; and nothing points to bytes once their mailing is gone.
_KEYS = IdempotencyKey.objects.filter(mailing=OuterRef("pk"))
_BYTES = MailingAttachment.objects.filter(mailing=OuterRef("pk"), attachment__status__in=GONE).exclude(
    attachment__storage_key=""
)
IS_HELD = Q(any_of(_KEYS)) | Q(any_of(_BYTES))
IS_CARRIED = any_of(MailingAttachment.objects.filter(attachment=OuterRef("pk")))

logger = structlog.get_logger(__name__)


@transaction.atomic
def remove_histories(*, mailing_ids: Collection[UUID], now: datetime) -> int:
    """Those of the mailings whose time is over are removed: letters, events, links, and files that they alone carried.

    Answers how many mailings. Attachments are locked before mailings, as by whoever settles one.
    """
    carried = MailingAttachment.objects.filter(mailing__in=mailing_ids).values("attachment")
    attachments = list(Attachment.objects.locked().filter(pk__in=carried).order_by("pk").values_list("pk", flat=True))
    ids = _over(mailing_ids, now)
    if not ids:
        return 0
    letters = Correspondence.objects.filter(mailing__in=ids)
    letter_ids = list(letters.locked().order_by("pk").values_list("pk", flat=True))
    # By letter: asked by mailing, the database may join row by row where it believes the tables empty.
    StatusEvent.objects.filter(correspondence__in=letter_ids).delete()
    SentAgain.objects.concerning(letter_ids).delete()
    letters.delete()
    Mailing.objects.filter(pk__in=ids).delete()
    logger.info("histories_removed", mailing_ids=ids, correspondences=len(letter_ids))
    still_carried = MailingAttachment.objects.filter(attachment__in=attachments).values_list("attachment", flat=True)
    forget(attachment_ids=set(attachments) - set(still_carried))
    return len(ids)


def _over(mailing_ids: Collection[UUID], now: datetime) -> Sequence[UUID]:
    """Those whose time is over, locked."""
    erased = Mailing.objects.locked().without_content().select_related("resource")
    erased = erased.filter(pk__in=mailing_ids, content_erased_at__isnull=False, clear_at=None).exclude(IS_HELD)
    ends = ((mailing.pk, history_ends(mailing)) for mailing in erased.order_by("pk"))
    return [pk for pk, end in ends if end is not None and end <= now]


@transaction.atomic
def remove_unsent_attachments(*, resource_id: str, until: datetime, most: int) -> int:
    """At most so many of the resource's attachments are removed that ended before `until`, and were never in a letter.

    Answers how many. Those that were go with their last mailing.
    """
    ended = Attachment.objects.ended_until(resource_id, until).exclude(IS_CARRIED)
    rows = ended.select_for_update(skip_locked=True, of=("self",))[:most]
    return forget(attachment_ids=list(rows.values_list("pk", flat=True)))


@transaction.atomic
def remove_keys(*, now: datetime, most: int) -> int:
    """At most so many idempotency keys are removed whose time is over. Answers how many; a key may be used again."""
    last = now - timedelta(days=settings.KEEP_IDEMPOTENCY_KEYS_DAYS)
    old = IdempotencyKey.objects.used_until(last)
    ids = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:most])
    removed, _ = IdempotencyKey.objects.filter(pk__in=ids).delete()
    if removed:
        logger.info("idempotency_keys_removed", count=removed)
    return removed
