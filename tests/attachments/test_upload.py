"""POST /attachment/{attachmentId}/upload: bytes in, whole and checked, or not at all (contract lifecycle.md §7)."""

import resource
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo
from uuid_utils.compat import uuid7

from attachments import actions
from attachments.models import Attachment, AttachmentStatusEvent
from attachments.statuses import AttachmentStatus
from config.kernel import clock
from config.kernel.errors import BodyBrokeOff, BodyTooSlow, DomainError
from tests.attachments.uploading import OWNERS_CALLER, Body, upload
from tests.clients import Client, keys, problem
from tests.conftest import OWNER
from tests.files import CONTENT, MD5, initialized, stored, uploaded


def history() -> list[int]:
    return list(AttachmentStatusEvent.objects.in_order().values_list("status", flat=True))


def test_the_bytes_are_stored_counted_and_published(sender: Client, attachments_folder: Path) -> None:
    attachment_id = initialized(sender)

    response = sender.upload(attachment_id, CONTENT)

    assert response.status_code == 200
    assert response.json()["status"] == "Published"
    assert response.json()["checksum"] == MD5
    assert response.json()["correspondenceIds"] == []
    assert [file.read_bytes() for file in stored(attachments_folder)] == [CONTENT]
    assert history() == [0, 1, 2]
    assert "no malware scanner" in response.json()["statusText"]


def test_nothing_that_the_sender_wrote_becomes_part_of_a_path(sender: Client, attachments_folder: Path) -> None:
    attachment_id = uploaded(sender, fileName="plan for Nordre gate.pdf")

    [file] = stored(attachments_folder)
    assert file.name == attachment_id
    assert file.parent.parent == attachments_folder


def test_an_announced_checksum_is_compared_without_regard_to_case(sender: Client) -> None:
    attachment_id = initialized(sender, checksum=MD5)

    assert sender.upload(attachment_id, CONTENT).json()["checksum"] == MD5


def test_other_bytes_than_announced_fail_and_leave_nothing(sender: Client, attachments_folder: Path) -> None:
    attachment_id = initialized(sender, checksum="0" * 32)

    response = sender.upload(attachment_id, CONTENT)

    assert problem(response) == (400, "CORR-02008")
    assert MD5 in response.json()["detail"]
    assert stored(attachments_folder) == []
    assert sender.attachment(attachment_id).json()["status"] == "Failed"
    assert MD5 in sender.attachment(attachment_id).json()["statusText"]
    assert problem(sender.upload(attachment_id, CONTENT)) == (400, "CORR-02005")


def test_a_second_upload_is_refused_and_the_first_stays(sender: Client, attachments_folder: Path) -> None:
    attachment_id = uploaded(sender)

    assert problem(sender.upload(attachment_id, b"other")) == (400, "CORR-02005")
    assert [file.read_bytes() for file in stored(attachments_folder)] == [CONTENT]


def test_an_empty_body_changes_nothing(sender: Client) -> None:
    attachment_id = initialized(sender)

    assert problem(sender.upload(attachment_id, b"")) == (400, "CORR-02004")
    assert history() == [0]
    assert sender.upload(attachment_id, CONTENT).status_code == 200


def test_a_body_over_the_limit_is_refused_by_its_length(sender: Client, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = len(CONTENT) - 1
    attachment_id = initialized(sender)

    assert problem(sender.upload(attachment_id, CONTENT)) == (400, "CORR-02004")
    assert history() == [0]


def test_the_limit_is_told_in_full(sender: Client) -> None:
    """Its eleven digits are no person number."""
    detail = sender.upload(initialized(sender), b"").json()["detail"]

    assert "1 to 50,000,000,000 bytes" in detail


@pytest.mark.parametrize(
    ("parts", "code", "status"),
    {
        "over the limit": ((b"x" * 60, b"x" * 60), 2004, 400),
        "nothing at all": ((), 2004, 400),
        "the client hung up": ((b"half", BodyBrokeOff()), 2002, 502),
        "too slow": ((b"half", BodyTooSlow(60, 60_000)), 2022, 408),
    }.values(),
)
def test_a_body_without_a_length_that_goes_wrong_fails_and_leaves_nothing(
    sender: Client, settings: Any, attachments_folder: Path, parts: Any, code: int, status: int
) -> None:
    settings.MAX_UPLOAD_BYTES = 100
    attachment_id = initialized(sender)

    with pytest.raises(DomainError) as error:
        upload(attachment_id, *parts)

    assert (error.value.code, error.value.status) == (code, status)
    assert stored(attachments_folder) == []
    attachment = Attachment.objects.get()
    assert (attachment.status, attachment.status_text) == (AttachmentStatus.FAILED, error.value.detail)
    assert (attachment.storage_key, attachment.next_look_at) == ("", None)


def test_a_fault_of_our_own_fails_the_upload_too(sender: Client, attachments_folder: Path) -> None:
    attachment_id = initialized(sender)

    with pytest.raises(ZeroDivisionError):
        upload(attachment_id, b"half", ZeroDivisionError())

    assert Attachment.objects.get().status == AttachmentStatus.FAILED
    assert stored(attachments_folder) == []


@pytest.mark.parametrize("attachment_id", [uuid4(), uuid7()])
def test_an_unknown_attachment_is_told(sender: Client, attachment_id: object) -> None:
    assert problem(sender.upload(attachment_id, CONTENT)) == (404, "CORR-02001")


def test_an_id_that_is_none_is_told(sender: Client) -> None:
    assert keys(sender.upload("17", CONTENT)) == {"attachmentId"}


def test_only_the_owner_may(sender: Client, other_sender: Client, stranger: Client, reader: Client) -> None:
    attachment_id = initialized(sender)

    assert problem(other_sender.upload(attachment_id, CONTENT)) == (401, "CORR-04001")
    assert stranger.upload(attachment_id, CONTENT).status_code == 401
    assert reader.upload(attachment_id, CONTENT).status_code == 403
    assert history() == [0]


@pytest.mark.parametrize("content_type", ["application/pdf", "application/json", ""])
def test_another_content_type_is_refused(sender: Client, content_type: str) -> None:
    assert problem(sender.upload(initialized(sender), CONTENT, content_type)) == (415, None)


def test_more_uploads_than_may_be_at_once_are_asked_to_come_again(sender: Client, settings: Any) -> None:
    settings.UPLOADS_AT_ONCE = 0
    attachment_id = initialized(sender)

    response = sender.upload(attachment_id, CONTENT)

    assert problem(response) == (503, None)
    assert int(response["Retry-After"]) > 0
    settings.UPLOADS_AT_ONCE = 1
    assert sender.upload(attachment_id, CONTENT).status_code == 200


@pytest.fixture
def small_disk() -> Iterator[int]:
    """No file of this process grows beyond a megabyte."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    yield 1_000_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_in_the_middle_fails_the_upload_and_nothing_stays(
    sender: Client, attachments_folder: Path, small_disk: int
) -> None:
    attachment_id = initialized(sender)

    response = sender.upload(attachment_id, b"x" * 2 * small_disk)

    assert problem(response) == (502, "CORR-02002")
    assert sender.attachment(attachment_id).json()["status"] == "Failed"
    assert stored(attachments_folder) == []


def test_a_storage_that_fails_is_told_and_the_attachment_failed(sender: Client, settings: Any, tmp_path: Path) -> None:
    settings.ATTACHMENTS_DIR = tmp_path / "a-file"
    settings.ATTACHMENTS_DIR.write_text("no folder")
    attachment_id = initialized(sender)

    response = sender.upload(attachment_id, CONTENT)

    assert problem(response) == (502, "CORR-02002")
    assert str(tmp_path) not in response.json()["detail"]
    assert sender.attachment(attachment_id).json()["status"] == "Failed"


@pytest.mark.django_db(transaction=True)
def test_of_two_uploads_at_the_same_time_exactly_one_wins(sender: Client, attachments_folder: Path) -> None:
    attachment_id = initialized(sender)
    started = threading.Barrier(2)

    def send(content: bytes) -> int:
        started.wait()
        try:
            return int(sender.upload(attachment_id, content).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(send, [b"one" * 100_000, b"two" * 100_000]))

    assert answers == [200, 400]
    assert history() == [0, 1, 2]
    [file] = stored(attachments_folder)
    assert len(file.read_bytes()) == 300_000


def test_history_names_the_owner_where_the_token_names_nobody(platform: Client) -> None:
    attachment_id = uploaded(platform)
    platform.delete_attachment(attachment_id)

    owner = f"urn:altinn:organization:identifier-no:{OWNER}"
    parties = dict(AttachmentStatusEvent.objects.values_list("status", "party"))
    # Published is the service's own doing.
    assert parties == {0: owner, 1: owner, 2: "", 3: owner}


@pytest.fixture
def closed_for_a_while() -> Iterator[Callable[[float], None]]:
    """The database takes no new connections for so many seconds."""
    name = connection.settings_dict["NAME"]
    timers = []

    def allow(answer: bool) -> None:
        with psycopg.connect(make_conninfo(django_settings.DATABASE_URL, dbname="postgres"), autocommit=True) as other:
            other.execute(
                sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(sql.Identifier(name), sql.SQL(str(answer)))
            )

    def close_for(seconds: float) -> None:
        allow(False)
        timer = threading.Timer(seconds, allow, (True,))
        timer.start()
        timers.append(timer)

    yield close_for
    for timer in timers:
        timer.join()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_gone_for_a_moment_costs_no_upload(
    sender: Client, closed_for_a_while: Callable[[float], None]
) -> None:
    attachment_id = initialized(sender)

    class Closing(Body):
        def read(self, size: int) -> bytes:
            part = super().read(size)
            if not part:
                closed_for_a_while(1.0)
            return part

    uploaded_now = actions.upload(
        caller=OWNERS_CALLER, attachment_id=UUID(attachment_id), body=Closing(b"x"), announced=1, clock=clock.now
    )

    assert uploaded_now.status == AttachmentStatus.PUBLISHED
    assert history() == [0, 1, 2]


def test_an_attachment_deleted_while_its_bytes_come_in_stays_deleted(sender: Client, attachments_folder: Path) -> None:
    attachment_id = initialized(sender)

    class Deleting(Body):
        def read(self, size: int) -> bytes:
            part = super().read(size)
            if not part:
                assert sender.delete_attachment(attachment_id).status_code == 204
            return part

    with pytest.raises(DomainError) as error:
        actions.upload(
            caller=OWNERS_CALLER, attachment_id=UUID(attachment_id), body=Deleting(b"x"), announced=1, clock=clock.now
        )

    assert error.value.code == 2006
    actions.remove_bytes(attachment_id=UUID(attachment_id), now=clock.now())
    assert stored(attachments_folder) == []
    assert Attachment.objects.get().status == AttachmentStatus.PURGED
