"""The end of a drill: what clients were told, compared with what the database and the disk hold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from tests.drill.books import Books
from tests.drill.field import Field
from tests.drill.sending import Sending

PUBLISHED, FETCHED, ATTACHMENT_PUBLISHED = 2, 3, 2
LIFE = [0, 1, PUBLISHED]  # Initialized, ReadyForPublish, Published: once each, in this order

_MAILINGS: LiteralString = """
    SELECT senders_reference, m.id::text, count(a.id)
    FROM correspondence_mailing m LEFT JOIN correspondence_mailingattachment a ON a.mailing_id = m.id GROUP BY m.id"""
_LETTERS: LiteralString = """
    SELECT id::text, mailing_id::text, status, statuses_seen, queue_state, due_at FROM correspondence_correspondence"""
_EVENTS: LiteralString = """
    SELECT correspondence_id::text, status, at FROM correspondence_statusevent ORDER BY id"""
_KEYS: LiteralString = "SELECT key::text, mailing_id::text FROM correspondence_idempotencykey"
_FILES: LiteralString = "SELECT id::text, status, storage_key FROM attachments_attachment"


@dataclass(frozen=True)
class Letter:
    """One row, with its history."""

    id: str
    status: int
    statuses_seen: int
    queue_state: str
    due_at: datetime
    history: Sequence[tuple[int, datetime]]

    @property
    def published_at(self) -> list[datetime]:
        return [at for status, at in self.history if status == PUBLISHED]


@dataclass(frozen=True)
class Mailing:
    """One accepted request."""

    letters: Sequence[Letter]
    files: int


class Found:
    """What lies in the database, by the sender's reference."""

    def __init__(self, books: Books) -> None:
        events: dict[str, list[tuple[int, datetime]]] = defaultdict(list)
        for letter, status, at in books.rows(_EVENTS):
            events[letter].append((status, at))
        letters: dict[str, list[Letter]] = defaultdict(list)
        for id, mailing, status, statuses_seen, queue_state, due_at in books.rows(_LETTERS):
            letters[mailing].append(Letter(id, status, statuses_seen, queue_state, due_at, events[id]))
        self.mailings: dict[str, list[Mailing]] = defaultdict(list)
        for reference, mailing, files in books.rows(_MAILINGS):
            self.mailings[reference].append(Mailing(letters[mailing], files))
        self.mailings_of_key = Counter(key for key, _ in books.rows(_KEYS))
        self.files: list[tuple[str, int, str]] = [(id, status, key) for id, status, key in books.rows(_FILES)]


@dataclass(frozen=True)
class Finding:
    """One thing that must not be."""

    phase: str
    kind: str  # lost, doubled or wrong
    what: str


def findings(sendings: Sequence[Sending], field: Field) -> Iterator[Finding]:
    """Everything that is not as it was promised."""
    found = Found(field.books)
    for sending in sendings:
        for kind, what in _of_sending(sending, found):
            yield Finding(sending.phase, kind, f"{sending.reference}: {what}")
        for answer in sending.answers:
            if answer.fault:
                yield Finding(sending.phase, "wrong", f"{sending.reference}: {answer.fault}")
    for reference in found.mailings.keys() - {sending.reference for sending in sendings}:
        yield Finding("-", "wrong", f"{reference}: nobody has sent this")
    yield from _of_files(sendings, found, field)


def _of_sending(sending: Sending, found: Found) -> Iterator[tuple[str, str]]:
    mailings = found.mailings.get(sending.reference, [])
    if len(mailings) > 1:
        yield "doubled", f"{len(mailings)} mailings"
    if sending.key and found.mailings_of_key[sending.key] != len(mailings):
        yield "wrong", f"{found.mailings_of_key[sending.key]} keys for {len(mailings)} mailings"
    if sending.is_accepted and not mailings:
        yield "lost", "accepted, and nowhere"
    if not sending.is_accepted and not sending.is_open and mailings:
        yield "wrong", "refused, and stored all the same"
    if mailings and sending.ids and {letter.id for each in mailings for letter in each.letters} != set(sending.ids):
        yield "lost", "other letters than were answered"
    for mailing in mailings:
        yield from _of_mailing(sending, mailing)


def _of_mailing(sending: Sending, mailing: Mailing) -> Iterator[tuple[str, str]]:
    if len(mailing.letters) != sending.recipients:
        yield "lost", f"{len(mailing.letters)} letters of {sending.recipients}"
    if mailing.files != sending.files:
        yield "lost", f"{mailing.files} files of {sending.files}"
    for letter in mailing.letters:
        yield from _of_letter(sending, letter)


def _of_letter(sending: Sending, letter: Letter) -> Iterator[tuple[str, str]]:
    times = letter.published_at
    if not times:
        yield "lost", f"letter {letter.id} is {letter.queue_state}, with history {[s for s, _ in letter.history]}"
    if len(times) > 1:
        yield "doubled", f"letter {letter.id} published {len(times)} times"
    if any(at < max(letter.due_at, sending.due_at or letter.due_at) for at in times):
        yield "wrong", f"letter {letter.id} published before its time"
    statuses = [status for status, _ in letter.history]
    if [status for status in statuses if status != FETCHED] != LIFE or letter.status != PUBLISHED:
        yield "wrong", f"letter {letter.id} is {letter.status}, its history {statuses}"
    if letter.statuses_seen != sum(1 << status for status in set(statuses)):
        yield "wrong", f"letter {letter.id} has seen {letter.statuses_seen:b}, its history {statuses}"
    if [at for _, at in letter.history] != sorted(at for _, at in letter.history):
        yield "wrong", f"letter {letter.id} has a history that goes back in time"


def _of_files(sendings: Sequence[Sending], found: Found, field: Field) -> Iterator[Finding]:
    disk = field.service.disk
    on_disk = {str(path.relative_to(disk)): path.stat().st_size for path in disk.rglob("*") if not path.is_dir()}
    published = {id: key for id, status, key in found.files if status == ATTACHMENT_PUBLISHED}
    for id, key in published.items():
        if key not in on_disk:
            yield Finding("-", "lost", f"attachment {id} is published, and has no bytes")
    for sending in sendings:
        for id, size in sending.attachments.items():
            if id not in published:
                yield Finding(sending.phase, "lost", f"{sending.reference}: attachment {id} was taken in")
            elif on_disk.get(published[id], size) != size:
                yield Finding(sending.phase, "lost", f"{sending.reference}: attachment {id} had {size} bytes")
    for name in on_disk.keys() - {key for _, _, key in found.files}:
        yield Finding("-", "wrong", f"bytes without an attachment: {name}")


def log_faults(logs: dict[str, str]) -> list[str]:
    """Tracebacks in the web server's log: whoever asked got a 500, or might have."""
    return [log for log, text in logs.items() if log.startswith("web") and "Traceback" in text]


def summed(rows: Sequence[Any], kind: str) -> int:
    """How many findings are of this kind."""
    return sum(each.kind == kind for each in rows)
