"""The month as rows: few statements, however many letters."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import md5
from io import BytesIO
from random import Random
from uuid import UUID

from attachments.models import Attachment, AttachmentStatusEvent
from attachments.statuses import AttachmentStatus
from attachments.storage import storage
from attachments.storage.port import key_of
from correspondence.management.demo.files import pdf
from correspondence.management.demo.lives import Fate, Happened, Life, Sent, life
from correspondence.management.demo.month import Planned
from correspondence.management.demo.numbers import recipients
from correspondence.management.demo.places import FILE_NAMES
from correspondence.models import Correspondence, Mailing, MailingAttachment, PublishedTally, StatusEvent
from correspondence.statuses import Fold, Status, seen
from recipients.identifiers import organization_urn
from registry.models import Resource

_AT_ONCE = 2_000
_KEPT_DAYS = 180
_SHARE_WITH_FILES = 0.25


@dataclass
class Written:
    """What was made."""

    mailings: list[Mailing]
    letters: list[Correspondence]
    events: int
    files: int


def uuid7_at(at: datetime, chance: Random) -> UUID:
    """A UUIDv7 of that millisecond: what is listed newest first is listed by it."""
    value = int(at.timestamp() * 1000) << 80 | chance.getrandbits(80)
    return UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)


def write(planned: Sequence[Planned], resources: dict[str, Resource], chance: Random, now: datetime) -> Written:
    """All rows, and the bytes of the files. For a transaction of the caller's."""
    everybody = recipients(chance, max(500, sum(each.size for each in planned) // 3))
    mailings, links, files = [], [], []
    lives: list[tuple[Correspondence, Life]] = []
    for plan in planned:
        mailing = _mailing(plan, resources[plan.kind.resource_id], chance, now)
        mailings.append(mailing)
        file = _file(plan, mailing, chance)
        if file:
            files.append(file)
            end = plan.due_at + timedelta(days=_KEPT_DAYS)
            links.append(
                MailingAttachment(mailing=mailing, attachment=file, position=0, expiration_time=end, look_at=end)
            )
        lives += _letters(plan, mailing, file, chance.sample(everybody, plan.size), chance, now)
    _save_files(files)
    Mailing.objects.bulk_create(mailings, batch_size=_AT_ONCE)
    MailingAttachment.objects.bulk_create(links, batch_size=_AT_ONCE)
    letters = [letter for letter, _ in lives]
    Correspondence.objects.bulk_create(letters, batch_size=_AT_ONCE)
    events = [(happened, letter) for letter, lived in lives for happened in lived.history]
    _tally(events)
    return Written(mailings, letters, _save_events(events), len(files))


def _mailing(plan: Planned, resource: Resource, chance: Random, now: datetime) -> Mailing:
    number = chance.randrange(1000, 9999)
    due = plan.due_at + timedelta(days=21) if plan.kind.needs_confirmation else None
    return Mailing(
        id=uuid7_at(plan.created_at, chance),
        resource=resource,
        owner=resource.owner,
        created_at=plan.created_at,
        created_by=organization_urn(resource.owner.organization_number),
        traceparent=f"00-{chance.getrandbits(128):032x}-{chance.getrandbits(64):016x}-01",
        senders_reference=f"{plan.created_at:%Y}/{number}",
        language="nn" if plan.owner.code == "storvika" else "nb",
        title=f"{chance.choice(plan.kind.titles)} {plan.created_at:%Y}/{number}",
        summary="",
        body=plan.kind.body.format(owner=resource.owner.name),
        requested_publish_time=plan.due_at,
        due_date_time=due,
        due_check_at=due if due and due > now else None,
        is_confirmation_needed=plan.kind.needs_confirmation,
        is_confidential=plan.kind.is_confidential,
        property_list={"arkivsak": f"{plan.created_at:%Y}/{number}"},
        recipient_count=plan.size,
        # As with any mailing that waits: the sweep looks at it again.
        next_look_at=plan.created_at + timedelta(seconds=10) if plan.fate is Fate.WAITING else None,
    )


def _file(plan: Planned, mailing: Mailing, chance: Random) -> Attachment | None:
    if plan.fate is not Fate.WAITING and chance.random() > _SHARE_WITH_FILES:
        return None
    at = plan.created_at - timedelta(seconds=20)
    name = chance.choice(FILE_NAMES)
    file_id = uuid7_at(at, chance)
    content = pdf(f"{name} {mailing.senders_reference}")
    status = AttachmentStatus.UPLOAD_PROCESSING if plan.fate is Fate.WAITING else AttachmentStatus.PUBLISHED
    return Attachment(
        id=file_id,
        resource=mailing.resource,
        owner=mailing.owner,
        created_at=at,
        created_by=mailing.created_by,
        traceparent=mailing.traceparent,
        file_name=name,
        display_name=name.removesuffix(".pdf").replace("-", " ").capitalize(),
        checksum=md5(content, usedforsecurity=False).hexdigest(),
        senders_reference=mailing.senders_reference,
        expiration_in_days=_KEPT_DAYS,
        size=len(content),
        storage_key=key_of(file_id),
        status=status,
        status_text=status.label,
        status_changed_at=at + timedelta(seconds=4),
        # One that is at the scanner stays there: no sweep looks for it, which would publish it within seconds.
        next_look_at=None,
    )


def _letters(
    plan: Planned, mailing: Mailing, file: Attachment | None, urns: Sequence[str], chance: Random, now: datetime
) -> Iterable[tuple[Correspondence, Life]]:
    ids = sorted(uuid7_at(plan.created_at, chance) for _ in urns)
    for row_id, urn in zip(ids, urns, strict=True):
        sent = Sent(
            sender=mailing.created_by,
            recipient=urn,
            created_at=plan.created_at,
            due_at=plan.due_at,
            needs_confirmation=plan.kind.needs_confirmation,
            file_id=str(file.pk) if file else "",
        )
        lived = life(plan.fate, sent, chance, now)
        yield (
            Correspondence(
                id=row_id,
                mailing=mailing,
                recipient=urn,
                status=lived.status,
                statuses_seen=seen(lived.seen),
                owner=mailing.owner,
                resource=mailing.resource,
                requested_publish_time=plan.due_at,
                queue_state=lived.queue_state,
                due_at=mailing.due_at,
                next_try_at=mailing.due_at + timedelta(minutes=7) if lived.attempts else mailing.due_at,
                attempts=lived.attempts,
                last_error=lived.last_error,
            ),
            lived,
        )


def _save_files(files: Sequence[Attachment]) -> None:
    """Bytes first: a row that says they are there is true at once."""
    for file in files:
        storage().write(file.storage_key, BytesIO(pdf(f"{file.file_name} {file.senders_reference}")))
    Attachment.objects.bulk_create(files, batch_size=_AT_ONCE)
    AttachmentStatusEvent.objects.bulk_create(
        [
            AttachmentStatusEvent(
                attachment=file, status=status, text=status.label, at=file.created_at + step, party=party
            )
            for file in files
            for status, step, party in (
                (AttachmentStatus.INITIALIZED, timedelta(0), file.created_by),
                (AttachmentStatus.UPLOAD_PROCESSING, timedelta(seconds=2), file.created_by),
                (AttachmentStatus.PUBLISHED, timedelta(seconds=4), ""),
            )
            if status <= file.status
        ],
        batch_size=_AT_ONCE,
    )


def _tally(events: list[tuple[Happened, Correspondence]]) -> None:
    """As publishing does it (models.PublishedTally): the charts of the first page are made of it."""
    counts = Counter(
        (letter.owner_id, happened.at.replace(second=0, microsecond=0))
        for happened, letter in events
        if happened.status == Status.PUBLISHED
    )
    PublishedTally.objects.bulk_create(
        (PublishedTally(owner_id=owner, at=at, fold=Fold.NONE, letters=count) for (owner, at), count in counts.items()),
        batch_size=_AT_ONCE,
    )


def _save_events(events: list[tuple[Happened, Correspondence]]) -> int:
    """In the order of time, as they would have come: the index on it counts on that."""
    events.sort(key=lambda each: each[0].at)
    rows = (
        StatusEvent(
            correspondence=letter,
            status=happened.status,
            text=happened.text or happened.status.label,
            at=happened.at,
            party=happened.party,
        )
        for happened, letter in events
    )
    return len(StatusEvent.objects.bulk_create(rows, batch_size=_AT_ONCE))
