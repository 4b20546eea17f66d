"""What a recipient says to a letter: read, confirmed (contract lifecycle.md §3)."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from config.kernel.caller import Caller
from correspondence import reads
from correspondence.actions.record import record
from correspondence.models import Correspondence
from correspondence.policies.access import check_is_recipient
from correspondence.policies.life import check_can_be_confirmed, check_can_be_marked_as_read
from correspondence.statuses import Status
from recipients.parties import party_of


def mark_as_read(*, caller: Caller, correspondence_id: UUID, now: datetime) -> None:
    """The letter is Read.

    Raises:
        CorrespondenceNotFound, NoAccess, ReadBeforeFetched, AlreadyRead: nothing has changed.
    """
    _respond(caller, correspondence_id, now, check_can_be_marked_as_read, Status.READ)


def confirm(*, caller: Caller, correspondence_id: UUID, now: datetime) -> None:
    """The letter is Confirmed, at once (design §12).

    Raises:
        CorrespondenceNotFound, NoAccess, ConfirmedBeforeFetched, AlreadyConfirmed: nothing has changed.
    """
    _respond(caller, correspondence_id, now, check_can_be_confirmed, Status.CONFIRMED)


@transaction.atomic
def _respond(
    caller: Caller, correspondence_id: UUID, now: datetime, check: Callable[[Correspondence], None], status: Status
) -> None:
    """Of two at once exactly one gets past the check."""
    check_is_recipient(caller, reads.found(correspondence_id))
    letter = reads.locked(correspondence_id)
    check(letter)
    record(letter, status, now, party=party_of(caller) or "")
