"""A backup that is taken while letters come in, and the service that is restored from it (docs/backup.md)."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pytest

from config.devtools.servers import Postgres, binaries
from tests.acceptance.ledger import ONCE, Ledger
from tests.acceptance.rig import Rig, rigged
from tests.acceptance.sender import new_reference
from tests.acceptance.uploader import RECIPIENT, Uploader, bytes_of
from tests.acceptance.waiting import show, until

pytestmark = pytest.mark.e2e

_LETTERS_WITH_FILES = """
    SELECT c.id, a.attachment_id
    FROM correspondence_mailingattachment a JOIN correspondence_correspondence c ON c.mailing_id = a.mailing_id"""
FILES, SCHEDULED, LATE = 3, 20, 3


class Diary:
    """What the sender has sent, and remembers."""

    def __init__(self) -> None:
        self.with_files, self.scheduled, self.during, self.late = (new_reference() for _ in range(4))
        self.files: dict[tuple[str, str], bytes] = {}  # by letter and attachment
        self.requests: list[dict[str, Any]] = []  # with files
        self.late_requests: list[dict[str, Any]] = []


def test_a_restored_service_goes_on_where_the_backup_was_taken(tmp_path: Path) -> None:
    dump, copy, diary = tmp_path / "correspondence.dump", tmp_path / "attachments", Diary()
    with rigged(tmp_path / "lost") as lost:
        sender = Uploader(lost.service.api_url, lost.service.token)
        send_before(sender, diary)
        with streaming(sender, diary):
            back_up(lost, dump, copy)
        send_after(sender, diary)

    def from_backup(postgres: Postgres, attachments: Path) -> None:
        restore(postgres, dump, attachments, copy)
        with closing(Ledger(postgres.url)) as ledger:
            assert ledger.in_queue(diary.scheduled) == SCHEDULED  # so there is something to go on with

    with rigged(tmp_path / "restored", from_backup) as rig, closing(Ledger(rig.postgres.url)) as ledger:
        sender = Uploader(rig.service.api_url, rig.service.token)
        token = rig.service.manage("token", "--org", RECIPIENT, "--scope", "altinn:correspondence.read")
        recipient = Uploader(rig.service.api_url, token)
        nothing_from_before_is_lost(sender, ledger, diary)
        every_letter_finds_its_files(recipient, rig, ledger, diary)
        what_came_late_is_sent_again(sender, ledger, diary)


def keyed(sender: Uploader, reference: str, **more: Any) -> dict[str, Any]:
    """A request that its sender may send again."""
    request = sender.letter_to(RECIPIENT, idempotentKey=str(uuid.uuid4()), **more)
    request["correspondence"]["sendersReference"] = reference
    return request


def send_before(sender: Uploader, diary: Diary) -> None:
    for _ in range(FILES):
        content = bytes_of(50_000)
        attachment = sender.uploaded(content)
        diary.requests.append(keyed(sender, diary.with_files, existingAttachments=[attachment]))
        (letter,) = sender.send(diary.requests[-1])
        diary.files[letter, attachment] = content
    due = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()  # noqa: TID251
    sender.send(sender.letter(diary.scheduled, recipients=SCHEDULED, requestedPublishTime=due))


@contextmanager
def streaming(sender: Uploader, diary: Diary) -> Iterator[None]:
    """Letters with files go on coming in."""
    begun, enough = Event(), Event()

    def send_on() -> int:
        sent = 0
        while not enough.wait(0.01):
            files = [sender.uploaded(bytes_of(20_000))]
            sender.send(keyed(sender, diary.during, existingAttachments=files))
            sent += 1
            begun.set()
        return sent

    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send_on)
        assert begun.wait(30)
        try:
            yield
        finally:
            enough.set()
        show(f"{sending.result()} letters with files came in while the backup was taken")


def back_up(rig: Rig, dump: Path, copy: Path) -> None:
    """The database first, then the files that its rows name."""
    run("pg_dump", "--format=custom", f"--file={dump}", f"--dbname={rig.postgres.url}")
    shutil.copytree(rig.service.run_dir / "attachments", copy)


def restore(postgres: Postgres, dump: Path, attachments: Path, copy: Path) -> None:
    run("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={postgres.url}", str(dump))
    run("vacuumdb", "--analyze-only", "--quiet", f"--dbname={postgres.url}")
    attachments.parent.mkdir(parents=True)
    shutil.copytree(copy, attachments)


def run(program: str, *words: str) -> None:
    done = subprocess.run([str(binaries() / program), *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def send_after(sender: Uploader, diary: Diary) -> None:
    diary.late_requests = [keyed(sender, diary.late) for _ in range(LATE)]
    for request in diary.late_requests:
        sender.send(request)


def nothing_from_before_is_lost(sender: Uploader, ledger: Ledger, diary: Diary) -> None:
    until(lambda: ledger.published(diary.scheduled) >= SCHEDULED, seconds=90)
    assert ledger.histories(diary.scheduled) == {ONCE: SCHEDULED}
    assert ledger.published_early(diary.scheduled) == []
    until(lambda: ledger.published(diary.with_files) >= FILES)
    assert ledger.histories(diary.with_files) == {ONCE: FILES}
    again = [sender.post(request) for request in diary.requests]
    assert [response.status_code for response in again] == [409] * FILES
    assert ledger.mailings(diary.with_files) == FILES


def every_letter_finds_its_files(recipient: Uploader, rig: Rig, ledger: Ledger, diary: Diary) -> None:
    assert {pair: recipient.download(*pair).content for pair in diary.files} == diary.files
    until(lambda: ledger.in_queue(diary.during) == 0)
    with psycopg.connect(rig.postgres.url) as connection:
        pairs = connection.execute(_LETTERS_WITH_FILES).fetchall()
    assert len(pairs) > FILES
    assert {recipient.download(str(letter), str(attachment)).status_code for letter, attachment in pairs} == {200}
    show(f"{len(pairs)} letters with files restored")


def what_came_late_is_sent_again(sender: Uploader, ledger: Ledger, diary: Diary) -> None:
    """The backup does not know it; its sender, asked to send once more since the backup, does no harm."""
    assert ledger.mailings(diary.late) == 0
    for request in diary.late_requests:
        sender.send(request)
    until(lambda: ledger.published(diary.late) >= LATE)
    assert ledger.histories(diary.late) == {ONCE: LATE}
