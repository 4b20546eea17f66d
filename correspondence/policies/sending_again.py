"""What is sent again of letters that have failed: by the rules for new letters, as far as they still apply.

The sender's content and files are taken over as they are. Whoever has reserved meanwhile is refused, also among
several: a letter that is known to fail is not sent again.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from attachments.models import Attachment
from config.kernel.caller import Caller, IssuerKind
from config.kernel.errors import DomainError
from correspondence.drafts import Draft, Reference, ReplyOption
from correspondence.models import Mailing, MailingAttachment, SentAgain
from correspondence.policies.acts import Refused, Standing
from correspondence.policies.attempt import Attempt
from correspondence.policies.files import RULES as RULES_OF_FILES
from correspondence.policies.initialize import first_fault
from correspondence.policies.recipients import Demands, Parties, names_recipient, refusal_of
from correspondence.statuses import Refusal
from correspondence.usage import CorrespondenceUsage
from recipients.models import Party

Files = Mapping[UUID, list[UUID]]


def files_of(mailing_ids: Collection[UUID]) -> Files:
    """The ids of each mailing's attachments, in the sender's order; without those mailings that have none."""
    links = MailingAttachment.objects.filter(mailing__in=mailing_ids).order_by("mailing", "position")
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for mailing_id, attachment_id in links.values_list("mailing_id", "attachment_id"):
        found[mailing_id].append(attachment_id)
    return found


@dataclass(frozen=True, slots=True)
class Judged:
    """What is sent again: for each mailing a try to initialize, and the letters in the order of its recipients."""

    attempts: Sequence[tuple[Attempt, Sequence[Standing]]] = ()
    refused: Mapping[UUID, Refused] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of some letters, in as many queries as for one."""

    mailings: Mapping[UUID, Mailing]
    files: Files
    attachments: Mapping[UUID, Attachment]
    parties: Parties
    expiries: Mapping[UUID, datetime]
    sent_before: Mapping[UUID, UUID]


def judge(letters: Sequence[Standing], files: Files, attachments: Mapping[UUID, Attachment], now: datetime) -> Judged:
    """Which of these letters, that have failed, may be sent again."""
    if not letters:
        return Judged()
    facts = _facts(letters, files, attachments)
    refused = {
        letter.pk: Refused(Refusal.SENT_AGAIN, str(facts.sent_before[letter.pk]))
        for letter in letters
        if letter.pk in facts.sent_before
    }
    of_mailings: dict[UUID, list[Standing]] = defaultdict(list)
    for letter in letters:
        if letter.pk not in refused:
            of_mailings[letter.mailing_id].append(letter)
    attempts = []
    for mailing_id, those in of_mailings.items():
        attempt, left, why = _judge_mailing(facts.mailings[mailing_id], those, facts, now)
        refused |= why
        if attempt is not None:
            attempts.append((attempt, left))
    return Judged(attempts, refused)


def _facts(letters: Sequence[Standing], files: Files, attachments: Mapping[UUID, Attachment]) -> _Facts:
    found = Mailing.objects.select_related("resource__owner", "owner")
    sent_before = SentAgain.objects.filter(old__in=[letter.pk for letter in letters]).values_list("old_id", "new_id")
    return _Facts(
        mailings=found.in_bulk({letter.mailing_id for letter in letters}),
        files=files,
        attachments=attachments,
        parties=Party.objects.by_urn({letter.recipient for letter in letters}),
        expiries=CorrespondenceUsage().last_expiries(attachments) if attachments else {},
        sent_before=dict(sent_before),
    )


def _judge_mailing(
    mailing: Mailing, letters: Sequence[Standing], facts: _Facts, now: datetime
) -> tuple[Attempt | None, Sequence[Standing], dict[UUID, Refused]]:
    """The try to send the mailing to those who may have it; who they are; and why the others may not."""
    if mailing.content_erased_at is not None:
        return None, (), _all(letters, Refused(Refusal.ERASED))
    refused = _refused_recipients(mailing, letters, facts.parties)
    left = [letter for letter in letters if letter.pk not in refused]
    if not left:
        return None, (), refused
    attempt = _attempt(mailing, left, facts, now)
    if fault := first_fault(attempt):
        return None, (), refused | _all(left, _told(attempt, fault))
    return attempt, left, refused


def _all(letters: Sequence[Standing], why: Refused) -> dict[UUID, Refused]:
    return {letter.pk: why for letter in letters}


def _refused_recipients(mailing: Mailing, letters: Sequence[Standing], parties: Parties) -> dict[UUID, Refused]:
    demands = Demands.of(
        ignore_reservation=mailing.ignore_reservation,
        is_confidential=mailing.is_confidential,
        recipients_need_role=mailing.resource.recipients_need_role,
    )
    found = {}
    for letter in letters:
        if why := refusal_of(letter.recipient, parties, demands, named=names_recipient(mailing)):
            found[letter.pk] = Refused(why)
    return found


def _attempt(mailing: Mailing, letters: Sequence[Standing], facts: _Facts, now: datetime) -> Attempt:
    ids = facts.files.get(mailing.pk, [])
    return Attempt(
        draft=_draft(mailing, [letter.recipient for letter in letters], ids, now),
        # Who sends is the sender, as the first time: if the resource has another owner by now, the rules say no.
        caller=Caller(IssuerKind.MASKINPORTEN, organization=mailing.owner.organization_number),
        found=mailing.resource,
        now=now,
        attachments={key: facts.attachments[key] for key in ids if key in facts.attachments},
        parties=facts.parties,
        expiries=facts.expiries,
    )


def _draft(mailing: Mailing, recipients: Sequence[str], files: Sequence[UUID], now: datetime) -> Draft:
    """What the sender wrote; its publish time only while that is ahead."""
    wanted = mailing.requested_publish_time
    return Draft(
        resource_id=mailing.resource_id,
        senders_reference=mailing.senders_reference,
        recipients=tuple(recipients),
        title=mailing.title,
        body=mailing.body,
        summary=mailing.summary,
        language=mailing.language,
        message_sender=mailing.message_sender,
        requested_publish_time=wanted if wanted > now else None,
        due_date_time=mailing.due_date_time,
        references=tuple(Reference(**reference) for reference in mailing.external_references),
        property_list=mailing.property_list,
        reply_options=tuple(ReplyOption(**option) for option in mailing.reply_options),
        notification=mailing.notification,
        ignore_reservation=mailing.ignore_reservation,
        is_confirmation_needed=mailing.is_confirmation_needed,
        is_confidential=mailing.is_confidential,
        allow_forwarding=mailing.allow_forwarding,
        existing_attachments=tuple(files),
    )


def _told(attempt: Attempt, fault: DomainError) -> Refused:
    """The fault, told apart by whether a file is at fault."""
    is_of_files = any(tuple(rule(attempt)) for rule in RULES_OF_FILES)
    return Refused(Refusal.FILE if is_of_files else Refusal.RULES, fault.told)
