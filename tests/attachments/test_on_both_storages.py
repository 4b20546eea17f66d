"""The whole way of a file, from upload to removal, on each storage: a folder, and a real S3 server."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from attachments import actions
from attachments.models import Attachment
from attachments.statuses import AttachmentStatus
from attachments.storage import storage
from attachments.storage.port import key_of
from config.kernel import clock
from config.kernel.errors import BodyBrokeOff, DomainError
from tests.attachments.s3_peer import Bucket, fresh_bucket, known_credentials, started_peer  # noqa: F401 - fixtures
from tests.attachments.streams import Stream
from tests.attachments.uploading import upload
from tests.clients import Client, problem
from tests.files import CONTENT, body, initialized, uploaded
from tests.letters import letter
from tests.mail import since, work

MIB = 1024 * 1024


@pytest.fixture(params=["local", "s3"])
def lying(request: pytest.FixtureRequest, settings: Any) -> Callable[[], list[str]]:
    """Chooses the storage; answers which keys lie there, leftovers included."""
    settings.ATTACHMENTS_STORAGE = request.param
    if request.param == "s3":
        bucket: Bucket = request.getfixturevalue("bucket")
        settings.S3_BUCKET, settings.S3_ENDPOINT_URL = bucket.name, bucket.url
        return lambda: bucket.objects() + bucket.uploads()
    return lambda: list(storage().list())


@pytest.fixture
def gone(settings: Any, request: pytest.FixtureRequest, lying: Any) -> Callable[[], None]:
    """The storage is no longer there."""

    def take_away() -> None:
        settings.S3_ENDPOINT_URL = "http://127.0.0.1:1"
        folder = request.getfixturevalue("tmp_path") / "a-file"
        folder.write_text("no folder")
        settings.ATTACHMENTS_DIR = folder

    return take_away


def test_a_large_file_comes_back_as_it_went_in(sender: Client, lying: Any) -> None:
    content = Stream(20 * MIB).read(64 * 1024) * 320
    attachment_id = uploaded(sender, content)

    assert lying() == [key_of(UUID(attachment_id))]
    assert body(sender.attachment(attachment_id, "download")) == content
    part = sender.attachment(attachment_id, "download", Range=f"bytes={MIB}-{3 * MIB - 1}")
    assert (part.status_code, body(part)) == (206, content[MIB : 3 * MIB])


def test_a_broken_upload_leaves_nothing(sender: Client, lying: Any) -> None:
    for name, error in (("small.pdf", BodyBrokeOff()), ("large.pdf", BodyBrokeOff())):
        attachment_id = initialized(sender, fileName=name)
        with pytest.raises(DomainError):
            upload(attachment_id, *[b"x" * 64 * 1024] * (1 if name == "small.pdf" else 320), error)

    assert lying() == []
    assert set(Attachment.objects.values_list("status", flat=True)) == {AttachmentStatus.FAILED}


def test_other_bytes_than_announced_leave_nothing(sender: Client, lying: Any) -> None:
    attachment_id = initialized(sender, checksum="0" * 32)

    assert problem(sender.upload(attachment_id, CONTENT)) == (400, "CORR-02008")
    assert lying() == []


def test_what_is_deleted_is_removed(sender: Client, lying: Any) -> None:
    attachment_id = uploaded(sender)
    sender.delete_attachment(attachment_id)

    assert actions.remove_bytes(attachment_id=UUID(attachment_id), now=clock.now())
    assert lying() == []


def test_what_nobody_names_is_removed(sender: Client, lying: Any) -> None:
    kept = uploaded(sender)
    lost = UUID(uploaded(sender))
    Attachment.objects.get(pk=lost).events.all().delete()
    Attachment.objects.filter(pk=lost).delete()

    assert actions.remove_orphans(now=clock.now() + timedelta(days=2)) == 1
    assert lying() == [key_of(UUID(kept))]


def test_a_storage_that_is_down_fails_the_upload_and_no_more(sender: Client, gone: Callable[[], None]) -> None:
    attachment_id = initialized(sender)
    gone()

    assert problem(sender.upload(attachment_id, CONTENT)) == (502, "CORR-02002")
    assert sender.attachment(attachment_id).json()["status"] == "Failed"


def test_a_storage_that_is_down_at_download_writes_no_history(
    sender: Client, reader: Client, gone: Callable[[], None]
) -> None:
    attachment_id = uploaded(sender)
    sent = sender.post(letter(request__existingAttachments=[attachment_id])).json()["correspondences"][0]
    work()
    gone()

    assert problem(reader.fetch(sent["correspondenceId"], attachment_id)) == (502, "CORR-02002")
    assert since(sent["correspondenceId"]) == []
