"""Overview, details, delete and download, by the sender (contract http-api.md §5.4, validation.md §5)."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attachments import actions
from attachments.models import Attachment
from attachments.statuses import AttachmentStatus
from config.kernel import clock
from correspondence import actions as letter_actions
from correspondence.models import Mailing
from tests.clients import BYTES, Client, keys, problem
from tests.files import CONTENT, body, initialized, stored, uploaded
from tests.letters import letter, organizations

EXAMPLES = Path(__file__).parent.parent / "contract" / "examples"


def send(sender: Client, *attachment_ids: str, **members: Any) -> list[str]:
    """The correspondences of a letter with these files."""
    response = sender.post(letter(*organizations(2), request__existingAttachments=list(attachment_ids), **members))
    assert response.status_code == 200, response.content
    return [entry["correspondenceId"] for entry in response.json()["correspondences"]]


def publish() -> None:
    """What workers do."""
    for mailing in Mailing.objects.unqueued():
        letter_actions.queue_mailing(mailing_id=mailing.pk, now=clock.now())
    letter_actions.publish_due(clock=clock.now)


def test_the_overview_has_the_contracts_members(sender: Client) -> None:
    example = json.loads((EXAMPLES / "attachment-overview.json").read_text())
    sent = json.loads((EXAMPLES / "attachment-initialize.json").read_text())
    attachment_id = initialized(sender, **sent)

    overview = sender.attachment(attachment_id).json()

    assert overview.keys() == example.keys()
    changing = {"attachmentId", "status", "statusText", "statusChanged"}
    assert {name: overview[name] for name in example.keys() - changing} == {
        name: example[name] for name in example.keys() - changing
    }
    assert (overview["attachmentId"], overview["status"]) == (attachment_id, "Initialized")


def test_details_tell_the_history_and_fill_what_is_null(sender: Client) -> None:
    attachment_id = uploaded(sender, fileName="plan.pdf", displayName=None)

    details = sender.attachment(attachment_id, "details").json()

    assert [entry["status"] for entry in details["statusHistory"]] == ["Initialized", "UploadProcessing", "Published"]
    assert details["displayName"] == "plan.pdf"
    assert sender.attachment(attachment_id).json()["displayName"] is None


def test_the_correspondences_that_carry_it_are_named(sender: Client) -> None:
    attachment_id = uploaded(sender)
    ids = [*send(sender, attachment_id), *send(sender, attachment_id)]

    assert sender.attachment(attachment_id).json()["correspondenceIds"] == ids
    assert sender.attachment(attachment_id, "details").json()["correspondenceIds"] == ids


def test_an_overview_costs_two_statements(sender: Client) -> None:
    attachment_id = uploaded(sender)
    send(sender, attachment_id)

    with CaptureQueriesContext(connection) as queries:
        sender.attachment(attachment_id)

    assert len(queries) == 2


@pytest.mark.parametrize("what", ["", "details", "download"])
def test_only_the_owner_may_look(
    sender: Client, other_sender: Client, stranger: Client, reader: Client, what: str
) -> None:
    attachment_id = uploaded(sender)

    assert problem(other_sender.attachment(attachment_id, what)) == (401, "CORR-04001")
    assert stranger.attachment(attachment_id, what).status_code == 401
    assert reader.attachment(attachment_id, what).status_code == 403
    assert problem(sender.attachment(uuid4(), what)) == (404, "CORR-02001")
    assert keys(sender.attachment("x", what)) == {"attachmentId"}


def test_an_unused_attachment_is_deleted_and_its_bytes_go(
    sender: Client, attachments_folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    attachment_id = uploaded(sender)

    with django_capture_on_commit_callbacks() as callbacks:
        response = sender.delete_attachment(attachment_id)
    assert (response.status_code, response.content) == (204, b"")
    assert len(callbacks) == 1

    assert actions.remove_bytes(attachment_id=UUID(attachment_id), now=clock.now())
    assert stored(attachments_folder) == []
    overview = sender.attachment(attachment_id).json()
    assert (overview["status"], "deleted" in overview["statusText"]) == ("Purged", True)
    assert problem(sender.delete_attachment(attachment_id)) == (400, "CORR-02006")
    assert problem(sender.attachment(attachment_id, "download")) == (400, "CORR-02019")
    assert problem(sender.upload(attachment_id, CONTENT)) == (400, "CORR-02005")


def test_one_that_waits_for_its_bytes_can_be_deleted(sender: Client) -> None:
    assert sender.delete_attachment(initialized(sender)).status_code == 204


def test_one_that_a_correspondence_carries_can_not_be_deleted(sender: Client) -> None:
    attachment_id = uploaded(sender)
    send(sender, attachment_id)

    assert problem(sender.delete_attachment(attachment_id)) == (400, "CORR-02007")
    assert Attachment.objects.get().status == AttachmentStatus.PUBLISHED


def test_only_the_owner_may_delete(sender: Client, other_sender: Client, stranger: Client, reader: Client) -> None:
    attachment_id = uploaded(sender)

    assert problem(other_sender.delete_attachment(attachment_id)) == (401, "CORR-04001")
    assert stranger.delete_attachment(attachment_id).status_code == 401
    assert reader.delete_attachment(attachment_id).status_code == 403
    assert problem(sender.delete_attachment(uuid4())) == (404, "CORR-02001")
    assert Attachment.objects.get().status == AttachmentStatus.PUBLISHED


def test_the_sender_downloads_until_it_has_gone_out(sender: Client) -> None:
    attachment_id = uploaded(sender)
    send(sender, attachment_id)

    response = sender.attachment(attachment_id, "download", Accept="application/pdf")
    assert (response.status_code, response["Content-Type"], body(response)) == (200, BYTES, CONTENT)
    assert response["Content-Length"] == str(len(CONTENT))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    assert "Content-Disposition" not in response

    publish()
    assert problem(sender.attachment(attachment_id, "download")) == (400, "CORR-02016")


def test_there_is_nothing_to_download_before_the_upload(sender: Client) -> None:
    response = sender.attachment(initialized(sender), "download")

    assert problem(response) == (404, "CORR-02001")
    assert "Initialized" in response.json()["detail"]


def test_bytes_that_are_gone_from_the_storage_are_a_clear_fault(sender: Client, attachments_folder: Path) -> None:
    attachment_id = uploaded(sender)
    for file in stored(attachments_folder):
        file.unlink()

    assert problem(sender.attachment(attachment_id, "download")) == (502, "CORR-02002")


def test_more_downloads_than_may_be_at_once_are_asked_to_come_again(sender: Client, settings: Any) -> None:
    settings.DOWNLOADS_AT_ONCE = 1
    attachment_id = uploaded(sender)

    first = sender.attachment(attachment_id, "download")
    assert problem(sender.attachment(attachment_id, "download")) == (503, None)
    body(first)
    assert body(sender.attachment(attachment_id, "download")) == CONTENT
