"""A correspondence is looked at. Where its recipient looks, its history says so (contract lifecycle.md §3)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from config.kernel.caller import Caller
from correspondence import reads
from correspondence.actions.publish import publish_if_due
from correspondence.actions.record import record
from correspondence.errors import CorrespondenceNotFound
from correspondence.models import Correspondence, StatusEvent
from correspondence.policies.access import Access, access_to, check_is_available, check_is_recipient
from correspondence.policies.life import check_was_not_purged
from correspondence.statuses import Status
from recipients.parties import party_of

FETCHED_ONCE_IN = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Opened:
    """A correspondence with its mailing, as a caller may see it, and its history by time."""

    correspondence: Correspondence
    access: Access
    history: Sequence[StatusEvent]


def open_overview(*, caller: Caller, correspondence_id: UUID, now: datetime, leaves_trace: bool = True) -> Opened:
    """The correspondence; Fetched if its recipient looks, at most once in 15 s for each party.

    The history that comes with it has each status once, and no Fetched.

    Raises:
        CorrespondenceNotFound: there is none, or it was purged, or is not available to its recipient.
        NoAccess: it is none of the caller's.
    """
    letter = reads.found(correspondence_id)
    access = access_to(caller, letter)
    check_was_not_purged(letter)
    if not access.acts_as_sender:
        letter = _received(letter, caller, now, leaves_trace=leaves_trace)
    return _opened(letter, access, letter.events.first_of_each())


def open_details(*, caller: Caller, correspondence_id: UUID, now: datetime, leaves_trace: bool = True) -> Opened:
    """The correspondence and all of its history; Fetched each time that its recipient looks. Senders see purged ones.

    Raises:
        CorrespondenceNotFound: there is none, or it is not available to its recipient.
        NoAccess: it is none of the caller's.
    """
    letter = reads.found(correspondence_id)
    access = access_to(caller, letter)
    if not access.acts_as_sender:
        letter = _received(letter, caller, now, leaves_trace=leaves_trace, every_time=True)
    return _opened(letter, access, letter.events.in_order())


def open_content(
    *,
    caller: Caller,
    correspondence_id: UUID,
    now: datetime,
    leaves_trace: bool = True,
    admit: Callable[[Correspondence], object] = lambda letter: None,
) -> Correspondence:
    """The correspondence with its content, for its recipient: Fetched as by the overview, and Read once.

    `admit` is called before anything is noted; what it raises refuses the call.

    Raises:
        CorrespondenceNotFound: there is none, or it is not available.
        NoAccess: it is addressed to somebody else.
    """
    letter = reads.found(correspondence_id)
    check_is_recipient(caller, letter)
    admit(letter)
    return _received(letter, caller, now, leaves_trace=leaves_trace, read=True)


def _opened(letter: Correspondence, access: Access, events: Iterable[StatusEvent]) -> Opened:
    history = list(events)
    if not history:
        raise CorrespondenceNotFound  # its history was removed since it was found
    return Opened(letter, access, history)


def _received(
    letter: Correspondence,
    caller: Caller,
    now: datetime,
    *,
    leaves_trace: bool,
    every_time: bool = False,
    read: bool = False,
) -> Correspondence:
    """The letter as it is once its recipient has looked at it. What is due goes out first."""
    publish_if_due(letter=letter, now=now)
    with transaction.atomic():
        locked = reads.locked(letter.pk)
        check_is_available(locked)
        if leaves_trace:
            _note(locked, party_of(caller) or "", now, every_time=every_time, read=read)
    return locked


def _note(letter: Correspondence, party: str, now: datetime, *, every_time: bool, read: bool) -> None:
    if every_time or not letter.events.fetched_since(now - FETCHED_ONCE_IN, party).exists():
        record(letter, Status.FETCHED, now, party=party)
    if read and not letter.has_been(Status.READ):
        record(letter, Status.READ, now, party=party)
