"""What has become of a letter: its history, which is true in itself, and its place in the queue."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from random import Random

from correspondence.management.demo.places import FAILURES, SET_ASIDE
from correspondence.statuses import QueueState, Status

_SECOND = timedelta(seconds=1)


class Fate(Enum):
    """What is to become of the letters of a mailing."""

    PUBLISHED = auto()
    SCHEDULED = auto()  # its time is ahead
    PAUSED = auto()  # its time has come, and somebody has paused its resource
    WAITING = auto()  # one of its files is at the scanner
    FAILED = auto()
    SET_ASIDE = auto()


@dataclass(frozen=True, slots=True)
class Happened:
    """A row of a history; `party` is empty for the service itself."""

    status: Status
    at: datetime
    party: str = ""
    text: str = ""


@dataclass(slots=True)
class Life:
    """A letter as it stands now."""

    history: list[Happened]
    queue_state: QueueState = QueueState.DONE
    attempts: int = 0
    last_error: str = ""
    seen: set[Status] = field(init=False)

    def __post_init__(self) -> None:
        self.seen = {each.status for each in self.history}

    @property
    def status(self) -> Status:
        """As the wire has it: the highest of the history, Fetched left out."""
        return max(self.seen - {Status.FETCHED})


@dataclass(frozen=True, slots=True)
class Sent:
    """What a life depends on."""

    sender: str
    recipient: str
    created_at: datetime
    due_at: datetime
    needs_confirmation: bool
    file_id: str = ""


def life(fate: Fate, sent: Sent, chance: Random, now: datetime) -> Life:
    """One that ends as it is to."""
    begun = [Happened(Status.INITIALIZED, sent.created_at, sent.sender)]
    if fate is Fate.WAITING:
        return Life(begun, QueueState.WAITING)
    begun.append(Happened(Status.READY_FOR_PUBLISH, sent.created_at + _SECOND))
    match fate:
        case Fate.SCHEDULED | Fate.PAUSED:
            return Life(begun, QueueState.READY)
        case Fate.SET_ASIDE:
            return Life(begun, QueueState.SET_ASIDE, 5, chance.choice(SET_ASIDE))
        case Fate.FAILED:
            failed = Happened(Status.FAILED, sent.due_at + 3 * _SECOND, text=chance.choice(FAILURES[:2]))
            return Life([*begun, failed])
        case _:
            out = sent.due_at + chance.uniform(1.5, 4.0) * _SECOND
            after = (each for each in _afterwards(sent, out, chance) if each.at < now)
            return Life([*begun, Happened(Status.PUBLISHED, out), *after])


def _afterwards(sent: Sent, out: datetime, chance: Random) -> Iterator[Happened]:
    """What recipients do, if they do: most open it within a day, some never."""
    if chance.random() < 0.22:
        return
    at, reader = out + timedelta(hours=chance.lognormvariate(1.6, 1.3)), sent.recipient
    yield Happened(Status.FETCHED, at, reader)
    yield Happened(Status.READ, at + 2 * _SECOND, reader)
    if sent.file_id and chance.random() < 0.6:
        at += timedelta(seconds=40)
        text = f"Attachment {sent.file_id} was downloaded"
        yield Happened(Status.ATTACHMENTS_DOWNLOADED, at, reader, text)
    if sent.needs_confirmation and chance.random() < 0.75:
        yield Happened(Status.CONFIRMED, at + timedelta(minutes=3), reader)
    if chance.random() < 0.03:
        yield Happened(Status.PURGED_BY_RECIPIENT, at + timedelta(hours=30), reader)
