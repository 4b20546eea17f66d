"""A letter is deleted by its sender or its recipient. What nobody needs any more follows; its history stays."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from config.kernel import queue
from config.kernel.caller import Caller
from config.kernel.errors import DomainError
from correspondence import reads
from correspondence.actions.record import record
from correspondence.models import Correspondence, Mailing
from correspondence.policies.access import Access, access_to
from correspondence.policies.life import (
    check_is_no_transmission,
    check_is_purged_once,
    check_recipient_can_purge,
    check_sender_can_purge,
)
from correspondence.statuses import QueueState, Status
from recipients.parties import party_of
from registry.acting import acting_party


@transaction.atomic
def purge(*, caller: Caller, correspondence_id: UUID, now: datetime) -> None:
    """The letter is purged, and will not be published. With the mailing's last one a task clears away what it held.

    The mailing's row is locked first, as by everybody who moves its letters: of two last purges one sees the other.

    Raises:
        CorrespondenceNotFound, TransmissionNotPurged, NoAccess, AlreadyPurged, SenderCanNotPurge, ConfirmBeforePurge:
            nothing has changed.
    """
    found = reads.found(correspondence_id)
    check_is_no_transmission(found.mailing)
    access = access_to(caller, found)
    mailing = Mailing.objects.locked().filter(pk=found.mailing_id).first()
    letter = reads.locked(correspondence_id)
    check_is_purged_once(letter)
    status = _purged_as(letter, access)
    letter.queue_state, letter.recipient_name = QueueState.DONE, ""
    letter.save(update_fields=["queue_state", "recipient_name"])
    sender = status == Status.PURGED_BY_ALTINN
    record(letter, status, now, party=acting_party(caller, letter.mailing.owner) if sender else party_of(caller) or "")
    if mailing and not mailing.correspondences.unpurged().exists():
        _let_go(mailing, now)


def _purged_as(letter: Correspondence, access: Access) -> Status:
    """What the letter becomes. Where the caller is both, the sender's way is tried first, and its refusal is told."""
    refusal: DomainError | None = None
    if access.purges_as_sender:
        try:
            check_sender_can_purge(letter)
            return Status.PURGED_BY_ALTINN
        except DomainError as error:
            if not access.purges_as_recipient:
                raise
            refusal = error
    try:
        check_recipient_can_purge(letter)
    except DomainError as error:
        raise refusal or error from None
    return Status.PURGED_BY_RECIPIENT


def _let_go(mailing: Mailing, now: datetime) -> None:
    mailing.purged_at = mailing.clear_at = now
    mailing.next_look_at = None
    mailing.save(update_fields=["purged_at", "clear_at", "next_look_at"])
    queue.after_commit("correspondence.clear_mailing", str(mailing.pk))
