"""After the calls: what the logs and the database say of a service that answered well."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import LiteralString

import psycopg

from tests.acceptance.service import Service
from tests.acceptance.waiting import until
from tests.fuzz.runner import Finding

SETTLING_SECONDS = 120

_PENDING: LiteralString = """
    SELECT (SELECT count(*) FROM correspondence_correspondence
            WHERE queue_state = 'waiting' OR (queue_state = 'ready' AND next_try_at < now()))
         + (SELECT count(*) FROM attachments_attachment WHERE storage_key <> '' AND status IN (3, 4))"""

# Each gives the ids of what breaks it; there must be none.
INVARIANTS: dict[str, LiteralString] = {
    "the status is the highest of the history, Fetched left out": """
        SELECT c.id FROM correspondence_correspondence c WHERE c.status IS DISTINCT FROM (
            SELECT max(e.status) FROM correspondence_statusevent e
            WHERE e.correspondence_id = c.id AND e.status <> 3)""",
    "what it has ever been is what its history holds": """
        SELECT c.id FROM correspondence_correspondence c WHERE c.statuses_seen <> (
            SELECT bit_or(1 << e.status) FROM correspondence_statusevent e WHERE e.correspondence_id = c.id)""",
    "nothing is published twice": """
        SELECT correspondence_id FROM correspondence_statusevent WHERE status = 2
        GROUP BY correspondence_id HAVING count(*) > 1""",
    "nothing is published before its time": """
        SELECT c.id FROM correspondence_correspondence c JOIN correspondence_statusevent e ON e.correspondence_id = c.id
        WHERE e.status = 2 AND e.at < c.due_at""",
    "nothing is set aside": "SELECT id FROM correspondence_correspondence WHERE queue_state = 'set_aside'",
    "an idempotency key has one mailing": """
        SELECT owner_id, key FROM correspondence_idempotencykey GROUP BY owner_id, key HAVING count(*) > 1""",
    "an attachment's status is the latest of its history": """
        SELECT a.id FROM attachments_attachment a WHERE a.status IS DISTINCT FROM (
            SELECT e.status FROM attachments_attachmentstatusevent e WHERE e.attachment_id = a.id
            ORDER BY e.id DESC LIMIT 1)""",
}
_STORED: LiteralString = "SELECT storage_key, size FROM attachments_attachment WHERE storage_key <> ''"
_RECIPIENTS: LiteralString = "SELECT DISTINCT recipient FROM correspondence_correspondence"
_PERSON = re.compile(r"(?<![0-9])[0-9]{11}(?![0-9])")


def findings(service: Service) -> list[Finding]:
    """Wait until the queue has settled; then give whatever is wrong in the logs, the database or the storage."""
    with psycopg.connect(service.settings["DATABASE_URL"], autocommit=True) as database:
        until(lambda: database.execute(_PENDING).fetchone() == (0,), SETTLING_SECONDS)
        wrong = [
            *broken_invariants(database),
            *bytes_and_rows_that_differ(service, database),
            *numbers_in_clear(service, database),
        ]
    return [*wrong, *errors_in_logs(service)]


def broken_invariants(database: psycopg.Connection) -> Iterator[Finding]:
    """What the database holds against the design."""
    for rule, sql in INVARIANTS.items():
        if rows := database.execute(sql).fetchall():
            yield _finding(f"not so: {rule}", ", ".join(str(row) for row in rows[:10]))


def bytes_and_rows_that_differ(service: Service, database: psycopg.Connection) -> Iterator[Finding]:
    """Rows without their bytes, and bytes without a row."""
    folder = service.run_dir / "attachments"
    rows: dict[str, int] = dict(database.execute(_STORED).fetchall())
    files = {name: (folder / name).stat().st_size for name in service.files()}
    if rows != files:
        differences = sorted(set(rows.items()) ^ set(files.items()))
        yield _finding("attachments and their bytes differ", ", ".join(str(each) for each in differences[:10]))


def numbers_in_clear(service: Service, database: psycopg.Connection) -> Iterator[Finding]:
    """Person numbers of recipients in a log. What the launcher shows to a newcomer names one on purpose."""
    recipients = {number for (urn,) in database.execute(_RECIPIENTS) for number in _PERSON.findall(urn)}
    for log, text in service.logs().items():
        if log != "terminal.log" and (clear := recipients & set(_PERSON.findall(text))):
            yield _finding(f"{log} holds person numbers", f"{len(clear)} of them")


def errors_in_logs(service: Service) -> Iterator[Finding]:
    """Errors of our parts, and tracebacks wherever they are."""
    for log, text in service.logs().items():
        for line in text.splitlines():
            if _is_error(line):
                yield _finding(f"{log} has an error", line[:2000])


def _is_error(line: str) -> bool:
    if not line.startswith("{"):
        return line.startswith("Traceback ")
    try:
        event = json.loads(line)
    except ValueError:
        return True
    return event.get("level") in {"error", "critical"} or "exception" in event


def _finding(title: str, message: str) -> Finding:
    return Finding("the whole service", "afterwards", title, message)
