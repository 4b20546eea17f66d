"""What caseworkers may do with a letter as it stands now; rules that need more than its row are beside this one."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from correspondence.models import Correspondence
from correspondence.querysets import CorrespondenceQuerySet
from correspondence.statuses import PURGED, Act, QueueState, Refusal, Status, seen

# Of these the reason is asked for, and noted: they end something, or begin it anew, in front of the recipient.
NEED_A_REASON = frozenset({Act.SEND_AGAIN, Act.PUBLISH_NOW, Act.CANCEL})


class Standing(NamedTuple):
    """A letter, as far as it matters for what may be done with it."""

    pk: UUID
    mailing_id: UUID
    owner_number: str  # of its service owner
    recipient: str
    status: int
    statuses_seen: int
    queue_state: str
    due_at: datetime

    def has_been(self, *statuses: Status) -> bool:
        """Whether one of the statuses is in its history."""
        return bool(self.statuses_seen & seen(statuses))


_FIELDS = (
    *("pk", "mailing_id", "owner__organization_number", "recipient"),
    *("status", "statuses_seen", "queue_state", "due_at"),
)


def standings(letters: CorrespondenceQuerySet) -> list[Standing]:
    """How these letters stand, in one query."""
    return [Standing(*row) for row in letters.values_list(*_FIELDS)]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something is not done with a letter; `detail` says more than the choice, in English."""

    why: Refusal
    detail: str = ""


def refusal(letter: Standing | Correspondence, act: Act, now: datetime) -> Refusal | None:
    """Why this cannot be done with the letter, as far as its own row tells; None where it can."""
    if act == Act.SEND_AGAIN:
        return _not_failed(letter)
    if letter.queue_state == QueueState.DONE:
        return _ended(letter)
    match act:
        case Act.RETRY if letter.queue_state != QueueState.SET_ASIDE:
            return Refusal.NOT_SET_ASIDE
        case Act.PUBLISH_NOW if letter.queue_state == QueueState.SET_ASIDE:
            return Refusal.SET_ASIDE
        case Act.PUBLISH_NOW if letter.status == Status.RESERVED:
            return Refusal.RESERVED  # it would fail, and no earlier than it has to
        case Act.PUBLISH_NOW if letter.due_at <= now:
            return Refusal.IS_DUE
    return None


def _not_failed(letter: Standing | Correspondence) -> Refusal | None:
    if not letter.has_been(Status.FAILED):
        return Refusal.NOT_FAILED
    return Refusal.DELETED if letter.has_been(*PURGED) else None


def _ended(letter: Standing | Correspondence) -> Refusal:
    if letter.has_been(*PURGED):
        return Refusal.DELETED
    return Refusal.IS_OUT if letter.has_been(Status.PUBLISHED) else Refusal.HAS_FAILED
