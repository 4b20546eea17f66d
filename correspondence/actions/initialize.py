"""Accept a mailing: one transaction, a number of statements that does not depend on the number of recipients."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from uuid_utils.compat import uuid7

from attachments.actions import create_with_bytes
from attachments.models import Attachment
from config.kernel import events, queue, trace
from config.kernel.caller import Caller
from config.kernel.database import DATABASE_GONE
from config.kernel.errors import DomainError
from correspondence import errors
from correspondence.actions.outcome import is_stored
from correspondence.actions.store import AcceptedLetter, copy_letters, letters_of, links_of
from correspondence.drafts import Draft
from correspondence.metrics import RECIPIENTS
from correspondence.models import Mailing, MailingAttachment
from correspondence.policies.attempt import Attempt
from correspondence.policies.files import existing_are_published
from correspondence.policies.initialize import first_fault
from correspondence.policies.recipients import parties_for
from correspondence.statuses import Event, Status
from registry.acting import acting_party
from registry.models import Resource

logger = structlog.get_logger(__name__)

_USE_KEY = """
    INSERT INTO correspondence_idempotencykey (owner_id, key, mailing_id, created_at)
    VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was stored: each recipient's correspondence, in the sender's order."""

    mailing_id: UUID
    correspondences: Sequence[AcceptedLetter]
    attachment_ids: Sequence[UUID] = ()  # new ones in the metadata's order, then the existing ones


def initialize(
    *, draft: Draft, caller: Caller, now: datetime, before_commit: Callable[[], None] | None = None
) -> Accepted:
    """Store one correspondence for each recipient, and wake the worker that queues them.

    `before_commit` is called when all that is left is the COMMIT, whose outcome nobody knows if its connection breaks.

    Raises:
        DomainError: the first rule that fails (policies/initialize.py); nothing is stored then.
        OperationalError, InterfaceError: the database is gone; nothing is stored.
        OutcomeUnknown: it went at the COMMIT, and did not come back for some seconds.
    """
    resource = Resource.objects.with_owner().filter(pk=draft.resource_id).first()
    existing = Attachment.objects.in_bulk(draft.existing_attachments) if draft.existing_attachments else {}
    parties = parties_for(draft, resource)
    attempt = Attempt(draft=draft, caller=caller, found=resource, now=now, attachments=existing, parties=parties)
    if fault := first_fault(attempt):
        raise fault
    mailing = mailing_of(attempt)
    rows = letters_of(attempt)
    begun, is_written = time.monotonic(), False
    try:
        with transaction.atomic():
            attachments = _write(attempt, mailing, rows)
            if before_commit:
                before_commit()
            is_written = True
    except DATABASE_GONE:
        if not is_written or not is_stored(mailing, begun):
            raise
        _announce(mailing, rows)  # what was to follow the COMMIT has been dropped with its connection
    RECIPIENTS.inc(len(rows))
    logger.info("mailing_accepted", mailing_id=mailing.id, resource=mailing.resource_id, recipients=len(rows))
    return Accepted(mailing.id, rows, attachment_ids=[attachment.pk for attachment in attachments])


def _write(attempt: Attempt, mailing: Mailing, rows: Sequence[AcceptedLetter]) -> list[Attachment]:
    """All rows are written. Answers the mailing's attachments, in order."""
    if attempt.draft.idempotency_key is not None:
        _use_key(attempt.draft.idempotency_key, mailing)
    attachments = [*_new_attachments(attempt, mailing), *_held_attachments(attempt)]
    mailing.save(force_insert=True)
    if attachments:
        MailingAttachment.objects.bulk_create(links_of(mailing, attachments))
    copy_letters([(mailing, rows)], mailing.created_by)
    _announce(mailing, rows)
    return attachments


def _announce(mailing: Mailing, rows: Sequence[AcceptedLetter]) -> None:
    """Once all is durable, a worker is woken and the event told."""
    queue.after_commit("correspondence.queue_mailing", str(mailing.id))
    events.tell(Event.INITIALIZED, [letter.id for letter in rows if letter.status != Status.RESERVED])


def mailing_of(attempt: Attempt) -> Mailing:
    """The mailing that the draft makes, not yet saved."""
    draft, now, owner = attempt.draft, attempt.now, attempt.resource.owner
    return Mailing(
        id=uuid7(),
        resource=attempt.resource,
        owner=owner,
        created_at=now,
        created_by=acting_party(attempt.caller, owner),
        traceparent=trace.current(),
        senders_reference=draft.senders_reference,
        message_sender=draft.message_sender,
        language=draft.language,
        title=draft.title,
        summary=draft.summary,
        body=draft.body,
        requested_publish_time=draft.requested_publish_time or now,
        due_date_time=draft.due_date_time,
        due_check_at=draft.due_date_time,
        external_references=[asdict(reference) for reference in draft.references],
        property_list=draft.property_list,
        reply_options=[asdict(option) for option in draft.reply_options],
        notification=draft.notification,
        ignore_reservation=draft.ignore_reservation,
        is_confirmation_needed=draft.is_confirmation_needed,
        is_confidential=draft.is_confidential,
        allow_forwarding=draft.allow_forwarding,
        recipient_count=len(draft.recipients),
        next_look_at=now + timedelta(seconds=settings.FORGOTTEN_AFTER_SECONDS),
    )


def _use_key(key: UUID, mailing: Mailing) -> None:
    """Waits for a transaction that uses the same key, so that exactly one of two wins."""
    with connection.cursor() as cursor:
        cursor.execute(_USE_KEY, (mailing.owner_id, key, mailing.id, mailing.created_at))
        if cursor.rowcount == 0:
            raise errors.IdempotencyKeyUsed("idempotentKey")


def _new_attachments(attempt: Attempt, mailing: Mailing) -> list[Attachment]:
    pairs = attempt.draft.new_attachments.pairs()
    if not pairs:
        return []
    return create_with_bytes(pairs, resource=attempt.resource, party=mailing.created_by, now=attempt.now)


def _held_attachments(attempt: Attempt) -> list[Attachment]:
    """The existing attachments, in the sender's order, which nobody can delete before this is committed."""
    ids = attempt.draft.existing_attachments
    if not ids:
        return []
    held = {attachment.pk: attachment for attachment in Attachment.objects.share_locked(ids)}
    if faults := tuple(existing_are_published(replace(attempt, attachments=held))):
        raise DomainError.of(faults)  # one was deleted since the rules looked
    return [held[attachment_id] for attachment_id in ids]
