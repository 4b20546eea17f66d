"""Find correspondences by what a sender or recipient knows of them (contract http-api.md §6, access.md §5).

Each half of a search is one query that stands on an index of its own and stops at the limit (docs/decisions/0013).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from heapq import merge
from itertools import islice
from uuid import UUID

from config.kernel import wire_time
from config.kernel.caller import Caller
from correspondence.errors import FromAfterTo
from correspondence.models import Correspondence, IdempotencyKey, Mailing
from correspondence.querysets import CorrespondenceQuerySet, has_seen
from correspondence.statuses import NEVER_SET, Status
from recipients.identifiers import ORGANIZATION_PREFIX, organization_urn
from recipients.parties import party_of, reads_as
from registry.errors import CallerUnknown, NoAccess
from registry.models import Resource, ServiceOwner
from registry.policies import check_level, rights_for
from registry.statuses import Right

MOST_IDS = 1000
# What recipients do not hear of: what comes before publishing (contract http-api.md §6).
_SENDERS_ONLY = frozenset({Status.INITIALIZED, Status.READY_FOR_PUBLISH, Status.FAILED})
# Fetched is kept apart from the other statuses there.
_FOUND_BY_NONE = NEVER_SET | {Status.FETCHED}


class Role(IntEnum):
    """What the party is to the correspondences that are looked for."""

    Recipient = 0
    Sender = 1
    RecipientAndSender = 2


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; None: whatever."""

    resource_id: str
    role: Role
    start: datetime | None = None  # requestedPublishTime lies between the two, neither included
    end: datetime | None = None
    status: Status | None = None
    on_behalf_of: str | None = None  # a party's URN; None: the caller
    senders_reference: str | None = None
    idempotency_key: UUID | None = None
    altinn2_correspondence_id: int | None = None

    @property
    def refusal(self) -> NoAccess:
        """Names the parameter that asks for too much."""
        return NoAccess("onBehalfOf" if self.on_behalf_of else "role")


def search(*, caller: Caller, wanted: Search) -> list[UUID]:
    """The ids of what was found, newest requestedPublishTime first, a thousand at the most.

    Raises:
        FromAfterTo: the moments are in the wrong order.
        CallerUnknown: the token names neither an organisation nor a person.
        NoAccess: the caller may not look on behalf of this party.
        LevelTooLow: it may look for what was received, but is not authenticated as the resource demands.
    """
    if wanted.start and wanted.end and wanted.start > wanted.end:
        raise FromAfterTo("from", start=wire_time.write(wanted.start), end=wire_time.write(wanted.end))
    halves = _halves(caller, wanted)
    if wanted.altinn2_correspondence_id is not None:
        return []  # nothing here came from the old platform
    if wanted.idempotency_key is not None:
        halves = _by_key(wanted.idempotency_key, caller, wanted)
    found = merge(*map(_newest, halves), reverse=True)
    return list(islice(dict.fromkeys(row_id for _, row_id in found), MOST_IDS))


def _by_key(key: UUID, caller: Caller, wanted: Search) -> list[CorrespondenceQuerySet]:
    """What was made with the key, whatever the other filters say: role and party count (contract http-api.md §6).

    A key is its owner's, so the letter may be of another resource; then the caller needs the right to that one.
    """
    keys = IdempotencyKey.objects.filter(key=key, owner__resources=wanted.resource_id)
    resource_id = keys.values_list("mailing__resource", flat=True).first()
    if resource_id is None:
        return []
    try:
        halves = _halves(caller, Search(resource_id, wanted.role, on_behalf_of=wanted.on_behalf_of))
    except NoAccess:
        return []
    return [half.filter(mailing__in=keys.values("mailing")) for half in halves]


def _newest(half: CorrespondenceQuerySet) -> list[tuple[datetime, UUID]]:
    return list(half.newest_first().values_list("requested_publish_time", "pk")[:MOST_IDS])


def _halves(caller: Caller, wanted: Search) -> list[CorrespondenceQuerySet]:
    """What was sent, what was received, or both: those halves to which the caller has the right."""
    if not caller.is_known:
        raise CallerUnknown
    halves, letters = [], _narrowed(wanted)
    refusal = wanted.refusal
    if wanted.role != Role.Recipient:
        sender = wanted.on_behalf_of or _sends_as(caller)
        if sender and Right.WRITE in rights_for(caller, sender, wanted.resource_id):
            halves.append(_had(wanted.status, letters.sent_by(_owner_of(sender)), by_none=_FOUND_BY_NONE))
    if wanted.role != Role.Sender:
        try:
            recipient = _recipient(caller, wanted)
            halves.append(_had(wanted.status, letters.received_by(recipient), by_none=_FOUND_BY_NONE | _SENDERS_ONLY))
        except NoAccess as error:
            refusal = error
    if not halves:
        raise refusal
    return halves


def _recipient(caller: Caller, wanted: Search) -> str:
    """For whom the caller looks for what was received.

    Raises:
        NoAccess, LevelTooLow: for nobody.
    """
    recipient = wanted.on_behalf_of or reads_as(caller)
    if not recipient or Right.READ not in rights_for(caller, recipient, wanted.resource_id):
        raise wanted.refusal
    if resource := Resource.objects.filter(pk=wanted.resource_id).first():
        check_level(caller, resource)
    return recipient


def _had(status: Status | None, half: CorrespondenceQuerySet, *, by_none: frozenset[Status]) -> CorrespondenceQuerySet:
    """Those that ever had the status."""
    if status is None:
        return half
    return half.none() if status in by_none else half.filter(has_seen(status))


def _sends_as(caller: Caller) -> str:
    """For whom the caller sends: its organisation, or the owner that a platform token speaks for; empty: nobody."""
    if caller.owner_code is not None:
        owners = ServiceOwner.objects.filter(code=caller.owner_code)
        return "".join(organization_urn(number) for number in owners.values_list("organization_number", flat=True))
    return organization_urn(caller.organization) if caller.organization else party_of(caller) or ""


def _owner_of(party: str) -> int | None:
    number = party.removeprefix(ORGANIZATION_PREFIX)
    return ServiceOwner.objects.filter(organization_number=number).values_list("pk", flat=True).first()


def _narrowed(wanted: Search) -> CorrespondenceQuerySet:
    letters = Correspondence.objects.filter(resource=wanted.resource_id)
    if wanted.start is not None:
        letters = letters.filter(requested_publish_time__gt=wanted.start)
    if wanted.end is not None:
        letters = letters.filter(requested_publish_time__lt=wanted.end)
    if wanted.senders_reference is not None:
        letters = letters.filter(mailing__in=Mailing.objects.with_reference(wanted.senders_reference).values("pk"))
    return letters
