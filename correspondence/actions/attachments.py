"""What becomes of mailings by their attachments."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from attachments.actions import expire_overdue
from attachments.models import Attachment
from attachments.statuses import GONE, AttachmentStatus
from config.kernel import queue
from correspondence.actions.advance import fail_unfinished
from correspondence.models import Mailing, MailingAttachment

_AT_ONCE = 500

logger = structlog.get_logger(__name__)


def attachment_settled(*, attachment: Attachment, now: datetime) -> None:
    """Mailings that waited for the attachment are queued, or have failed with it. For the transaction that settles it.

    The mailings' rows are locked, so that a queue_mailing that has just looked comes first and is called again.
    """
    waiting = (
        Mailing.objects.unqueued()
        .filter(attachments__attachment=attachment)
        .select_for_update(of=("self",))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    ids = list(waiting)
    if attachment.status == AttachmentStatus.PUBLISHED:
        for mailing_id in ids:
            queue.after_commit("correspondence.queue_mailing", str(mailing_id))
    elif ids:
        fail_mailings(ids, attachment, now)


def fail_mailings(mailing_ids: Sequence[UUID], lost: Attachment, now: datetime) -> int:
    """What has not been published of the mailings has failed, with the file's name. Answers how many letters.

    The caller has locked the mailings' rows.
    """
    failed = fail_unfinished(mailing_ids, reason_of(lost.file_name, lost.status_text), now)
    Mailing.objects.filter(pk__in=mailing_ids).update(next_look_at=None)
    logger.warning(
        "mailings_failed", mailing_ids=list(mailing_ids), attachment_id=lost.pk, reason=lost.status_text, count=failed
    )
    return failed


def reason_of(file_name: str, status_text: str) -> str:
    """Why a letter has failed that carries this file, in words for its history."""
    return f"The attachment {file_name} cannot be sent: {status_text.rstrip('.')}."


@dataclass(frozen=True, slots=True)
class Judged:
    """Which of some mailings cannot be published now."""

    lost: Mapping[UUID, str] = field(default_factory=dict)  # for good, and why
    busy: frozenset[UUID] = frozenset()  # somebody is changing one of their attachments


def judge_files(mailing_ids: Collection[UUID]) -> Judged:
    """What the mailings' attachments are, and stay until the transaction ends: nothing goes out without its files.

    Attachments that somebody is changing are passed over, not waited for.
    """
    links = list(MailingAttachment.objects.filter(mailing__in=mailing_ids).values_list("mailing_id", "attachment_id"))
    if not links:
        return Judged()
    found = Attachment.objects.share_locked({attachment_id for _, attachment_id in links}, skip_locked=True)
    held = {attachment.pk: attachment for attachment in found}
    lost, busy = {}, set()
    for mailing_id, attachment_id in links:
        attachment = held.get(attachment_id)
        if attachment is not None and attachment.status in GONE:
            lost[mailing_id] = reason_of(attachment.file_name, attachment.status_text)
        elif attachment is None or attachment.status != AttachmentStatus.PUBLISHED:
            busy.add(mailing_id)
    return Judged(lost, frozenset(busy - lost.keys()))


def hold_files(mailing_id: UUID) -> None:
    """The mailing's attachments stay as they are until the transaction ends; whoever is changing one is waited for.

    To be called before letters are locked, as by whoever settles an attachment.
    """
    links = MailingAttachment.objects.filter(mailing=mailing_id)
    if ids := list(links.values_list("attachment", flat=True)):
        Attachment.objects.share_locked(ids)


@transaction.atomic
def expire_links(*, now: datetime) -> int:
    """Attachments that every link has outlived are Expired. Answers how many; twice is harmless."""
    due = MailingAttachment.objects.expiring(now).select_for_update(skip_locked=True, of=("self",))
    links = list(due.values_list("pk", "attachment_id")[:_AT_ONCE])
    if not links:
        return 0
    MailingAttachment.objects.filter(pk__in=[pk for pk, _ in links]).update(look_at=None)
    return expire_overdue(attachment_ids={attachment_id for _, attachment_id in links}, now=now)
