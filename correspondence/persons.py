"""What is held on one person, for whoever has to tell it, or to erase it (docs/retention.md).

What the register knows, rights and letters stand on indexes. What the person did is looked for in the whole tables: it
is asked so rarely that this is better than an index that each event would pay for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Max, Min, OuterRef, Prefetch, Q, QuerySet, Subquery

from attachments.models import Attachment, AttachmentStatusEvent
from attachments.statuses import AttachmentStatus
from correspondence.models import Correspondence, Mailing, MailingAttachment, StatusEvent
from correspondence.policies.retention import content_ends, history_ends
from correspondence.statuses import Status
from recipients.models import Party
from recipients.parties import PARTY_ID_PREFIX
from registry.models import Delegation

_ROWS = 200  # in memory at once


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """What the register of parties knows."""

    kind: ClassVar[str] = "register"
    urn: str
    party_id: str | None
    name: str
    is_reserved: bool
    has_confidential_role: bool
    email: str
    mobile: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class RightHeld:
    """A right that the person gave or was given."""

    kind: ClassVar[str] = "right"
    given: bool  # by the person; else to it
    other_party: str
    right: str
    resource: str | None  # every one
    since: datetime


@dataclass(frozen=True, slots=True)
class StaffNotes:
    """Entries of the back-office's log about those rows."""

    kind: ClassVar[str] = "back-office log"
    count: int


@dataclass(frozen=True, slots=True)
class HeldLetter:
    """A letter to the person. Nothing is kept of its content once that is erased; None as an end: for ever."""

    kind: ClassVar[str] = "letter"
    id: UUID
    resource: str
    senders_reference: str
    recipient_name: str
    status: str
    published: datetime | None
    has_content: bool
    content_until: datetime | None
    history_until: datetime | None
    files: Sequence[str]


@dataclass(frozen=True, slots=True)
class Acts:
    """What the person did to letters or attachments, its own or others'."""

    kind: ClassVar[str] = "acts"
    on: str
    status: str
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class SentMailing:
    """A request to send that the person made."""

    kind: ClassVar[str] = "sent"
    id: UUID
    resource: str
    senders_reference: str
    recipients: int
    created: datetime


@dataclass(frozen=True, slots=True)
class MadeAttachment:
    """A file that the person announced."""

    kind: ClassVar[str] = "attachment"
    id: UUID
    resource: str
    file_name: str
    status: str
    created: datetime


Record = RegisterRow | RightHeld | StaffNotes | HeldLetter | Acts | SentMailing | MadeAttachment


def everything_on(urn: str) -> Iterator[Record]:
    """All that is held on the person with this URN, kind by kind, few rows in memory at a time."""
    yield from _register_rows(urn)
    yield from _rights(urn)
    if notes := staff_log(urn).count():
        yield StaffNotes(notes)
    yield from letters_to(urn)
    names = acting_names(urn)
    yield from acts_of(names)
    yield from _sent(names)
    yield from _attachments(names)


def acting_names(urn: str) -> Sequence[str]:
    """How history names the person: by URN, or by party id where a token told no more (contract access.md §5)."""
    ids = Party.objects.filter(urn=urn, party_id__isnull=False).values_list("party_id", flat=True)
    return [urn, *(f"{PARTY_ID_PREFIX}{party_id}" for party_id in ids)]


def staff_log(urn: str) -> QuerySet[LogEntry]:
    """What the back-office's log notes of the person's rows; it repeats names."""
    types = ContentType.objects.get_for_models(Party, Delegation)
    found = Q(pk__in=())
    for model, rows in (
        (Party, Party.objects.filter(urn=urn)),
        (Delegation, Delegation.objects.concerning(urn)),
    ):
        ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
        found |= Q(content_type=types[model], object_id__in=ids)
    return LogEntry.objects.filter(found)


def letters_to(urn: str) -> Iterator[HeldLetter]:
    """Every letter to the person, in the order in which they were made."""
    published = StatusEvent.objects.filter(correspondence=OuterRef("pk"), status=Status.PUBLISHED)
    letters = (
        Correspondence.objects.addressed_to(urn)
        .with_mailing()
        .without_content()
        .prefetch_related(Prefetch("mailing__attachments", MailingAttachment.objects.in_order()))
        .annotate(published_at=Subquery(published.values("at")[:1]))
    )
    for letter in letters.iterator(chunk_size=_ROWS):
        mailing = letter.mailing
        has_content = mailing.content_erased_at is None
        yield HeldLetter(
            id=letter.pk,
            resource=letter.resource_id,
            senders_reference=mailing.senders_reference,
            recipient_name=letter.recipient_name,
            status=Status(letter.status).label,
            published=letter.published_at,
            has_content=has_content,
            content_until=content_ends(mailing) if has_content else None,
            history_until=history_ends(mailing),
            files=[link.attachment.file_name for link in mailing.attachments.all()],
        )


def acts_of(names: Sequence[str]) -> Iterator[Acts]:
    """What history knows the person to have done, counted by kind."""
    for on, events, label in (
        ("letters", StatusEvent.objects.filter(party__in=names), Status),
        ("attachments", AttachmentStatusEvent.objects.filter(party__in=names), AttachmentStatus),
    ):
        counted = events.order_by("status").values_list("status").annotate(Count("pk"), Min("at"), Max("at"))
        for status, count, first, last in counted:
            yield Acts(on, str(label(status).label), count, first, last)


def _register_rows(urn: str) -> Iterator[RegisterRow]:
    for party in Party.objects.filter(urn=urn):
        yield RegisterRow(
            urn=party.urn,
            party_id=party.party_id,
            name=party.name,
            is_reserved=party.is_reserved,
            has_confidential_role=party.has_confidential_role,
            email=party.email,
            mobile=party.mobile,
            updated_at=party.updated_at,
        )


def _rights(urn: str) -> Iterator[RightHeld]:
    for row in Delegation.objects.concerning(urn).iterator(chunk_size=_ROWS):
        given = row.from_party == urn
        other = row.to_party if given else row.from_party
        yield RightHeld(given, other, row.right, row.resource_id, row.created_at)


def _sent(names: Sequence[str]) -> Iterator[SentMailing]:
    for row in Mailing.objects.filter(created_by__in=names).without_content().order_by("pk").iterator(chunk_size=_ROWS):
        yield SentMailing(row.pk, row.resource_id, row.senders_reference, row.recipient_count, row.created_at)


def _attachments(names: Sequence[str]) -> Iterator[MadeAttachment]:
    for row in Attachment.objects.filter(created_by__in=names).order_by("pk").iterator(chunk_size=_ROWS):
        status = AttachmentStatus(row.status).label
        yield MadeAttachment(row.pk, row.resource_id, row.file_name, status, row.created_at)
