"""What is left behind is found: dead uploads, forgotten scans, bytes of what is gone, bytes that nobody names."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import redis
from django.conf import settings as django_settings
from uuid_utils.compat import uuid7

from attachments import actions
from attachments.errors import AlreadyPurged
from attachments.models import Attachment, CleaningDay
from attachments.scanners.port import Verdict
from attachments.statuses import AttachmentStatus
from attachments.storage import storage
from attachments.storage.port import key_of
from config.kernel import clock
from config.kernel.errors import DomainError
from tests.attachments.clamd import clamd
from tests.attachments.streams import Text
from tests.attachments.test_with_letters import awaiting_scan
from tests.attachments.uploading import OWNERS_CALLER, Body
from tests.clients import Client
from tests.files import CONTENT, initialized, stored, uploaded
from tests.messages import Messages

DAY = timedelta(days=1)


@pytest.fixture
def woken(django_capture_on_commit_callbacks: Any) -> Any:
    """Runs a sweep at a time; answers how many wake-ups it sends."""

    def sweep(after: timedelta = timedelta()) -> int:
        with django_capture_on_commit_callbacks() as callbacks:
            actions.sweep(now=clock.now() + after)
        return len(callbacks)

    return sweep


def uploading(sender: Client, folder: Path) -> UUID:
    """An upload whose process was killed in the middle: a status, and half of the bytes."""
    attachment_id = UUID(initialized(sender))
    Attachment.objects.filter(pk=attachment_id).update(
        status=AttachmentStatus.UPLOAD_PROCESSING, next_look_at=clock.now() + timedelta(seconds=120)
    )
    part = folder / f"{key_of(attachment_id)}.part"
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(b"half")
    return attachment_id


def test_an_upload_that_died_fails_when_its_lease_ends_and_its_bytes_go(
    sender: Client, attachments_folder: Path, woken: Any
) -> None:
    attachment_id = uploading(sender, attachments_folder)
    assert woken() == 0
    assert Attachment.objects.get().status == AttachmentStatus.UPLOAD_PROCESSING

    assert woken(timedelta(seconds=121)) == 1

    attachment = Attachment.objects.get()
    assert (attachment.status, "broke off" in attachment.status_text) == (AttachmentStatus.FAILED, True)
    assert actions.remove_bytes(attachment_id=attachment_id, now=clock.now())
    assert stored(attachments_folder) == []
    assert woken(DAY) == 0
    day = CleaningDay.objects.first()
    assert day is not None
    assert (CleaningDay.objects.count(), day.dead_uploads) in {(1, 1), (2, 0)}  # two days if run at midnight


@pytest.fixture
def crowded() -> Iterator[Callable[[str], None]]:
    """Fills one of the broker's queues."""
    with redis.Redis.from_url(django_settings.REDIS_URL) as broker:
        broker.flushdb()
        yield lambda name: broker.lpush(name, *["x"] * 200) and None
        broker.flushdb()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("full", "expected"), [("maintenance", {"scan": 1}), ("scan", {"maintenance": 1})])
def test_what_waits_for_one_queue_is_woken_though_the_other_is_full(
    sender: Client,
    settings: Any,
    messages: Messages,
    crowded: Callable[[str], None],
    full: str,
    expected: dict[str, int],
) -> None:
    assert sender.delete_attachment(uploaded(sender)).status_code == 204
    awaiting_scan(sender, settings)
    crowded(full)

    with messages() as woken:
        actions.sweep(now=clock.now() + DAY)

    assert woken == expected


@pytest.mark.django_db(transaction=True)
def test_a_running_upload_renews_its_lease(sender: Client, settings: Any) -> None:
    settings.UPLOAD_LEASE_SECONDS = 0.3
    attachment_id = initialized(sender)
    seen = []

    class Slow(Body):
        def read(self, size: int) -> bytes:
            time.sleep(0.2)
            actions.sweep(now=clock.now())
            seen.append(Attachment.objects.get().status)
            return super().read(size)

    actions.upload(
        caller=OWNERS_CALLER,
        attachment_id=UUID(attachment_id),
        body=Slow(*[b"x"] * 4),
        announced=None,
        clock=clock.now,
    )

    assert seen == [AttachmentStatus.UPLOAD_PROCESSING] * 5
    assert Attachment.objects.get().status == AttachmentStatus.PUBLISHED


@pytest.mark.django_db(transaction=True)
def test_an_upload_ends_soon_after_its_attachment_was_deleted(
    sender: Client, settings: Any, attachments_folder: Path
) -> None:
    settings.UPLOAD_LEASE_SECONDS = 0.3
    attachment_id = initialized(sender)
    read: list[int] = []

    class Endless(Body):
        def read(self, size: int) -> bytes:
            if not read:
                assert sender.delete_attachment(attachment_id).status_code == 204
            read.append(size)
            time.sleep(0.1)
            return b"x" if len(read) < 100 else b""

    with pytest.raises(AlreadyPurged):
        actions.upload(
            caller=OWNERS_CALLER, attachment_id=UUID(attachment_id), body=Endless(), announced=None, clock=clock.now
        )

    assert len(read) < 100
    assert Attachment.objects.get().status == AttachmentStatus.PURGED
    assert stored(attachments_folder) == []


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_was_taken_for_dead_does_not_come_back(
    sender: Client, attachments_folder: Path, woken: Any
) -> None:
    attachment_id = UUID(initialized(sender))

    class Late(Body):
        def read(self, size: int) -> bytes:
            actions.sweep(now=clock.now() + timedelta(hours=1))
            return super().read(size)

    with pytest.raises(DomainError, match="taken for dead"):
        actions.upload(
            caller=OWNERS_CALLER, attachment_id=attachment_id, body=Late(b"x"), announced=None, clock=clock.now
        )

    assert Attachment.objects.get().status == AttachmentStatus.FAILED
    assert actions.remove_bytes(attachment_id=attachment_id, now=clock.now())
    assert stored(attachments_folder) == []


def test_a_scan_that_nobody_woke_is_woken(sender: Client, settings: Any, woken: Any) -> None:
    settings.MALWARE_SCANNER = "clamav"
    uploaded(sender)

    assert woken() == 0
    assert woken(timedelta(seconds=11)) == 1
    assert woken(timedelta(seconds=12)) == 0  # and is given a minute


def test_a_scanner_that_is_down_delays_and_never_publishes(sender: Client, settings: Any) -> None:
    settings.MALWARE_SCANNER, settings.CLAMAV_ADDRESS = "clamav", "127.0.0.1:1"
    attachment_id = UUID(uploaded(sender))

    assert not actions.scan(attachment_id=attachment_id, clock=clock.now)

    attachment = Attachment.objects.get()
    assert attachment.status == AttachmentStatus.UPLOAD_PROCESSING
    assert "ScannerUnavailable" in attachment.last_error
    assert attachment.next_look_at is not None
    assert attachment.next_look_at > clock.now() + timedelta(seconds=5)


def test_bytes_that_can_not_be_found_delay_too(
    sender: Client, settings: Any, attachments_folder: Path, tmp_path: Path
) -> None:
    settings.MALWARE_SCANNER = "clamav"
    attachment_id = UUID(uploaded(sender))
    for file in stored(attachments_folder):
        file.unlink()

    with clamd(tmp_path / "clamd") as settings.CLAMAV_ADDRESS:
        assert not actions.scan(attachment_id=attachment_id, clock=clock.now)
    attachment = Attachment.objects.get()
    assert (attachment.status, "BytesMissing" in attachment.last_error) == (AttachmentStatus.UPLOAD_PROCESSING, True)


def test_one_worker_at_a_time_has_a_scan_in_hand(sender: Client, settings: Any) -> None:
    settings.MALWARE_SCANNER = "clamav"
    attachment_id = UUID(uploaded(sender))
    settings.MALWARE_SCANNER = "none"  # would settle at once
    lease = timedelta(seconds=settings.SCAN_LEASE_SECONDS)
    Attachment.objects.update(scan_leased_until=clock.now() + lease)

    assert not actions.scan(attachment_id=attachment_id, clock=clock.now)
    assert actions.scan(attachment_id=attachment_id, clock=lambda: clock.now() + 2 * lease)


def test_a_scanner_that_was_taken_away_publishes_what_waits(sender: Client, settings: Any) -> None:
    settings.MALWARE_SCANNER = "clamav"
    attachment_id = UUID(uploaded(sender))
    settings.MALWARE_SCANNER = "none"

    assert actions.scan(attachment_id=attachment_id, clock=clock.now)
    assert Attachment.objects.get().status == AttachmentStatus.PUBLISHED


def test_bytes_of_an_infected_file_go(sender: Client, settings: Any, attachments_folder: Path) -> None:
    settings.MALWARE_SCANNER = "clamav"
    attachment_id = UUID(uploaded(sender))
    actions.settle(attachment_id=attachment_id, verdict=Verdict(clean=False, text="Malware found: X"), now=clock.now())

    assert actions.remove_bytes(attachment_id=attachment_id, now=clock.now())
    assert not actions.remove_bytes(attachment_id=attachment_id, now=clock.now())
    assert stored(attachments_folder) == []
    assert CleaningDay.objects.get().files_removed == 1


def test_bytes_that_are_in_use_are_never_removed(sender: Client, attachments_folder: Path) -> None:
    attachment_id = UUID(uploaded(sender))

    assert not actions.remove_bytes(attachment_id=attachment_id, now=clock.now())
    assert len(stored(attachments_folder)) == 1


def test_a_storage_that_is_down_is_tried_again(
    sender: Client, settings: Any, tmp_path: Path, attachments_folder: Path, woken: Any
) -> None:
    attachment_id = UUID(uploaded(sender))
    sender.delete_attachment(attachment_id)
    settings.ATTACHMENTS_DIR = tmp_path / "a-file"
    settings.ATTACHMENTS_DIR.write_text("no folder")

    assert not actions.remove_bytes(attachment_id=attachment_id, now=clock.now())

    settings.ATTACHMENTS_DIR = attachments_folder
    assert len(stored(attachments_folder)) == 1
    assert woken(timedelta(seconds=61)) == 1
    assert actions.remove_bytes(attachment_id=attachment_id, now=clock.now())
    assert stored(attachments_folder) == []


def orphan() -> None:
    """Bytes of a form whose process was killed before any row was there."""
    storage().write(key_of(uuid7()), Text(CONTENT))


def test_bytes_that_nobody_names_are_removed_when_no_upload_can_be_that_old(
    sender: Client, attachments_folder: Path
) -> None:
    kept = uploaded(sender)
    uploading(sender, attachments_folder)
    orphan()
    assert actions.remove_orphans(now=clock.now() + DAY / 2, days=3) == 0
    assert len(stored(attachments_folder)) == 3

    assert actions.remove_orphans(now=clock.now() + DAY + timedelta(minutes=1), days=3) == 1

    names = {file.name.removesuffix(".part") for file in stored(attachments_folder)}
    assert names == {str(pk) for pk in Attachment.objects.values_list("pk", flat=True)}
    assert kept in names
    assert CleaningDay.objects.get().orphans_removed == 1


def test_the_daily_run_finds_those_that_are_older_than_the_hourly_one_looks(attachments_folder: Path, db: None) -> None:
    orphan()
    later = clock.now() + 10 * DAY

    assert actions.remove_orphans(now=later, days=3) == 0
    assert actions.remove_orphans(now=later) == 1
    assert stored(attachments_folder) == []
