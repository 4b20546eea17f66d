"""Letters that have failed, which is for good, are sent again as new ones."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from django.db import transaction

from attachments.models import Attachment
from config.kernel import events, queue
from correspondence.actions.acts import Acted, held, note
from correspondence.actions.initialize import mailing_of
from correspondence.actions.store import AcceptedLetter, copy_letters, letters_of, links_of
from correspondence.metrics import RECIPIENTS
from correspondence.models import Correspondence, Mailing, MailingAttachment, SentAgain
from correspondence.policies.acts import Standing
from correspondence.policies.attempt import Attempt
from correspondence.policies.sending_again import Files, files_of, judge
from correspondence.statuses import Act, Event

logger = structlog.get_logger(__name__)


@transaction.atomic
def send_again(*, ids: Sequence[UUID], by: str, now: datetime, reason: str) -> Acted:
    """Those of the letters that may be are sent again: for each mailing a new one, with its content and its files.

    Each once: whoever wants it sent a third time sends the second one again, if that has failed. The old letter stays
    as it is. A number of statements that does not depend on the number of letters.
    """
    files = files_of(set(Correspondence.objects.filter(pk__in=ids).order_by().values_list("mailing", flat=True)))
    # Before the mailings, as by whoever settles one. They stay as they are until the new links are there.
    attachments = _held(files)
    letters, refused = held(ids, Act.SEND_AGAIN, now)
    judged = judge(letters, files, attachments, now)
    pairs = _write(judged.attempts, by, now) if judged.attempts else []
    _note(pairs, by, now, reason)
    return Acted([old.pk for old, _ in pairs], {**refused, **judged.refused})


def _held(files: Files) -> dict[UUID, Attachment]:
    ids = {key for keys in files.values() for key in keys}
    return {row.pk: row for row in Attachment.objects.share_locked(ids)} if ids else {}


def _write(
    attempts: Sequence[tuple[Attempt, Sequence[Standing]]], by: str, now: datetime
) -> list[tuple[Standing, AcceptedLetter]]:
    """The new rows are written. Answers each old letter with its new one."""
    made = [(mailing_of(attempt), letters_of(attempt)) for attempt, _ in attempts]
    mailings = [mailing for mailing, _ in made]
    Mailing.objects.bulk_create(mailings)
    files = [[attempt.attachments[key] for key in attempt.draft.existing_attachments] for attempt, _ in attempts]
    links = [link for mailing, rows in zip(mailings, files, strict=True) for link in links_of(mailing, rows)]
    MailingAttachment.objects.bulk_create(links)
    copy_letters(made, by)
    olds = [old for _, letters in attempts for old in letters]
    news = [new for _, letters in made for new in letters]
    pairs = list(zip(olds, news, strict=True))
    SentAgain.objects.bulk_create(SentAgain(old_id=old.pk, new_id=new.id, at=now, by=by) for old, new in pairs)
    _announce(mailings, news)
    return pairs


def _announce(mailings: Sequence[Mailing], letters: Sequence[AcceptedLetter]) -> None:
    """As much as there is room for is queued at once; the rest is found by the sweep."""
    for mailing in mailings[: queue.room(queue.QUEUE)]:
        queue.after_commit("correspondence.queue_mailing", str(mailing.pk))
    events.tell(Event.INITIALIZED, [letter.id for letter in letters])
    transaction.on_commit(partial(RECIPIENTS.inc, len(letters)), robust=True)


def _note(pairs: Sequence[tuple[Standing, AcceptedLetter]], by: str, now: datetime, reason: str) -> None:
    """Both letters of each pair are in the audit log, each with the other's id."""
    if not pairs:
        return
    olds = [old for old, _ in pairs]
    news = [old._replace(pk=new.id) for old, new in pairs]
    details = {old.pk: {"sent_again_as": str(new.id)} for old, new in pairs}
    details |= {new.id: {"sent_again_from": str(old.pk)} for old, new in pairs}
    note(Act.SEND_AGAIN, [*olds, *news], by=by, now=now, reason=reason, details=details)
    logger.info("correspondences_sent_again", correspondence_ids=[old.pk for old in olds], count=len(olds), by=by)
