"""Letters with existing attachments: what is refused, what is stored, when they go out (contract validation.md §4)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from attachments import actions as file_actions
from attachments.models import Attachment
from attachments.scanners.port import Verdict
from attachments.statuses import AttachmentStatus
from config.kernel import clock
from correspondence import actions
from correspondence.actions.attachments import expire_links
from correspondence.models import Correspondence, Mailing, MailingAttachment, StatusEvent
from correspondence.statuses import QueueState, Status
from tests.clients import Client, problem
from tests.files import MD5, uploaded
from tests.letters import letter, organizations

CLEAN = Verdict(clean=True, text="Published")
INFECTED = Verdict(clean=False, text="Malware found: Eicar-Test-Signature")


def letter_with(*attachment_ids: object, recipients: int = 1, **members: Any) -> dict[str, Any]:
    ids = [str(attachment_id) for attachment_id in attachment_ids]
    return letter(*organizations(recipients), request__existingAttachments=ids, **members)


def send(sender: Client, *attachment_ids: object, **members: Any) -> Mailing:
    response = sender.post(letter_with(*attachment_ids, **members))
    assert response.status_code == 200, response.content
    return Mailing.objects.order_by("-id")[0]


def queue(mailing: Mailing) -> int:
    return actions.queue_mailing(mailing_id=mailing.pk, now=clock.now())


def publish() -> int:
    return actions.publish_due(clock=clock.now)


def awaiting_scan(sender: Client, settings: Any, **members: Any) -> UUID:
    """An attachment that a scanner has not judged yet. Nobody scans here: no worker is running."""
    settings.MALWARE_SCANNER = "clamav"
    return UUID(uploaded(sender, **members))


def linked(sender: Client, attachment_ids: list[UUID], recipients: int = 2) -> Mailing:
    """A letter with files that are not published yet, as a form with files makes one."""
    Attachment.objects.filter(pk__in=attachment_ids).update(status=AttachmentStatus.PUBLISHED)
    mailing = send(sender, *attachment_ids, recipients=recipients)
    Attachment.objects.filter(pk__in=attachment_ids).update(status=AttachmentStatus.UPLOAD_PROCESSING)
    return mailing


def settle(attachment_id: UUID, verdict: Verdict = CLEAN) -> bool:
    return file_actions.settle(attachment_id=attachment_id, verdict=verdict, now=clock.now())


def failures() -> list[str]:
    return list(StatusEvent.objects.filter(status=Status.FAILED).values_list("text", flat=True))


# --- What is stored and shown ---


def test_attachments_are_answered_in_the_senders_order_and_stored_once(sender: Client) -> None:
    first, second = uploaded(sender), uploaded(sender, fileName="b.txt")

    response = sender.post(letter_with(second, first, second, recipients=500))

    assert response.json()["attachmentIds"] == [second, first]
    links = MailingAttachment.objects.in_order()
    assert [str(link.attachment_id) for link in links] == [second, first]


def test_the_overview_shows_them_until_it_is_published(sender: Client) -> None:
    attachment_id = uploaded(sender, displayName="Plan", expirationInDays=20, isEncrypted=True)
    mailing = send(sender, attachment_id)
    row_id = mailing.correspondences.get().pk

    [shown] = sender.overview(row_id).json()["content"]["attachments"]

    assert shown["id"] == attachment_id
    assert (shown["fileName"], shown["displayName"], shown["dataType"]) == ("plan.pdf", "Plan", "application/pdf")
    assert (shown["checksum"], shown["isEncrypted"], shown["expirationInDays"]) == (MD5, True, None)
    assert (shown["status"], shown["dataLocationType"]) == ("Published", "AltinnCorrespondenceAttachment")
    expires = datetime.fromisoformat(shown["expirationTime"])
    assert expires == mailing.requested_publish_time + timedelta(days=20)
    queue(mailing)
    publish()
    assert sender.overview(row_id).json()["content"]["attachments"] == []


def test_days_are_counted_from_a_publish_time_ahead(sender: Client) -> None:
    ahead = clock.now().replace(microsecond=0) + timedelta(days=40)
    send(sender, uploaded(sender, expirationInDays=14), requestedPublishTime=ahead.isoformat())

    assert MailingAttachment.objects.get().expiration_time == ahead + timedelta(days=14)


def test_days_are_counted_from_the_post_where_the_publish_time_has_passed(sender: Client) -> None:
    mailing = send(sender, uploaded(sender, expirationInDays=14), requestedPublishTime="2020-01-01T00:00:00Z")

    assert MailingAttachment.objects.get().expiration_time == mailing.created_at + timedelta(days=14)


def test_days_past_the_calendar_end_with_it(sender: Client) -> None:
    send(sender, uploaded(sender, expirationInDays=14), requestedPublishTime="9999-12-31T23:00:00Z")

    end = MailingAttachment.objects.get().expiration_time
    assert end is not None
    assert end.year == 9999


@pytest.mark.parametrize(("files", "recipients"), [(1, 1), (100, 500)])
def test_a_letter_costs_the_same_number_of_statements_for_any_number_of_files(
    sender: Client, files: int, recipients: int
) -> None:
    attachment_id = uploaded(sender)
    template = Attachment.objects.get()
    ids = [attachment_id]
    for number in range(files - 1):
        template.pk, template.storage_key = uuid4(), f"key-{number}"
        template.save(force_insert=True)
        ids.append(str(template.pk))

    with CaptureQueriesContext(connection) as queries:
        send(sender, *ids, recipients=recipients)

    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert (
        len(statements) == 9
    )  # beside what a letter without files costs: read, expiries, lock, link; and our own look


# --- What is refused ---


def test_an_attachment_of_another_sender_is_told_before_unknown_ones(sender: Client, other_sender: Client) -> None:
    others = uploaded(other_sender, resourceId="dalen-skatt")

    response = sender.post(letter_with(uuid4(), others))

    assert problem(response) == (400, "CORR-01017")
    assert response.json()["faults"][0]["path"] == "existingAttachments[1]"
    assert not Mailing.objects.exists()


def test_every_unknown_attachment_is_named(sender: Client) -> None:
    response = sender.post(letter_with(uuid4(), uploaded(sender), uuid4()))

    assert problem(response) == (400, "CORR-01007")
    assert [fault["path"] for fault in response.json()["faults"]] == [
        "existingAttachments[0]",
        "existingAttachments[2]",
    ]


def test_more_than_a_hundred_are_refused(sender: Client) -> None:
    attachment_id = uploaded(sender)
    template = Attachment.objects.get()
    ids = [attachment_id]
    for number in range(100):
        template.pk, template.storage_key = uuid4(), f"key-{number}"
        template.save(force_insert=True)
        ids.append(str(template.pk))

    assert problem(sender.post(letter_with(*ids))) == (400, "CORR-01038")
    assert sender.post(letter_with(*ids[:100])).status_code == 200


@pytest.mark.parametrize("status", [status for status in AttachmentStatus if status != AttachmentStatus.PUBLISHED])
def test_one_that_is_not_published_is_refused_with_its_status(sender: Client, status: AttachmentStatus) -> None:
    attachment_id = uploaded(sender)
    Attachment.objects.update(status=status)

    response = sender.post(letter_with(attachment_id))

    assert problem(response) == (400, "CORR-01018")
    assert status.label in response.json()["detail"]
    assert not Mailing.objects.exists()


def test_forwarding_bears_ten_million_bytes(sender: Client) -> None:
    attachment_id = uploaded(sender)
    Attachment.objects.update(size=10_000_000)
    assert sender.post(letter_with(attachment_id, allowForwarding=True)).status_code == 200

    Attachment.objects.update(size=10_000_001)
    assert problem(sender.post(letter_with(attachment_id, allowForwarding=True))) == (400, "CORR-01069")


def test_one_that_is_about_to_expire_is_refused(sender: Client) -> None:
    attachment_id = uploaded(sender, expirationInDays=14)
    send(sender, attachment_id)
    soon = clock.now() + timedelta(hours=6)
    MailingAttachment.objects.update(expiration_time=soon - timedelta(minutes=1))
    assert problem(sender.post(letter_with(attachment_id))) == (400, "CORR-01055")

    MailingAttachment.objects.update(expiration_time=soon + timedelta(minutes=1))
    assert sender.post(letter_with(attachment_id)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_purge_can_not_slip_in_between_check_and_commit(sender: Client) -> None:
    attachment_id = uploaded(sender)

    def delete() -> int:
        try:
            return int(sender.delete_attachment(attachment_id).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            send(sender, attachment_id)  # holds what it has checked until this block ends
            deleting = pool.submit(delete)
            with pytest.raises(TimeoutError):
                deleting.result(timeout=0.3)
        assert deleting.result(timeout=10) == 400
    assert Attachment.objects.get().status == AttachmentStatus.PUBLISHED


@pytest.mark.django_db(transaction=True)
def test_an_attachment_that_is_deleted_while_the_rules_look_is_not_sent(sender: Client) -> None:
    attachment_id = uploaded(sender)

    def post() -> Any:
        try:
            return sender.post(letter_with(attachment_id))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert sender.delete_attachment(attachment_id).status_code == 204
            sending = pool.submit(post)  # sees it published still, and then waits for its row
            with pytest.raises(TimeoutError):
                sending.result(timeout=0.3)
        assert problem(sending.result(timeout=10)) == (400, "CORR-01018")
    assert not Mailing.objects.exists()


# --- Waiting for a scan ---


def test_a_letter_waits_for_the_last_of_its_files(sender: Client, settings: Any) -> None:
    ids = [awaiting_scan(sender, settings), awaiting_scan(sender, settings)]
    mailing = linked(sender, ids)
    assert queue(mailing) == 0
    assert set(Correspondence.objects.values_list("status", flat=True)) == {Status.INITIALIZED}

    settle(ids[0])
    assert queue(mailing) == 0
    settle(ids[1])
    assert queue(mailing) == 2
    assert publish() == 2


def test_scan_first_and_queue_first_end_alike(
    sender: Client, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    """The scan's end wakes what waits for it, whether queue_mailing has looked before or not."""
    histories = []
    for queue_first in (True, False):
        attachment_id = awaiting_scan(sender, settings)
        mailing = linked(sender, [attachment_id], recipients=1)
        if queue_first:
            assert queue(mailing) == 0
        with django_capture_on_commit_callbacks() as woken:
            assert settle(attachment_id)
        assert len(woken) == 1
        assert queue(mailing) == 1
        assert publish() == 1
        letter_id = mailing.correspondences.get().pk
        histories.append(list(StatusEvent.objects.filter(correspondence=letter_id).values_list("status", flat=True)))

    assert histories[0] == histories[1] == [Status.INITIALIZED, Status.READY_FOR_PUBLISH, Status.PUBLISHED]


@pytest.mark.django_db(transaction=True)
def test_a_scan_that_ends_while_the_mailing_is_being_queued_is_not_missed(sender: Client, settings: Any) -> None:
    attachment_id = awaiting_scan(sender, settings)
    mailing = linked(sender, [attachment_id], recipients=1)

    def scan_ends() -> None:
        try:
            settle(attachment_id)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert queue(mailing) == 0  # holds the mailing's row until this block ends
            scanning = pool.submit(scan_ends)
            with pytest.raises(TimeoutError):
                scanning.result(timeout=0.3)
        scanning.result(timeout=10)

    assert queue(mailing) == 1


def test_one_bad_file_among_five_fails_every_letter_that_waits(sender: Client, settings: Any) -> None:
    ids = [awaiting_scan(sender, settings, fileName=f"{number}.pdf") for number in range(5)]
    mailing, other = linked(sender, ids, recipients=3), linked(sender, ids[2:3], recipients=2)
    innocent = linked(sender, ids[3:], recipients=1)
    queue(mailing)

    settle(ids[0])
    assert settle(ids[2], INFECTED)

    assert failures() == ["The attachment 2.pdf cannot be sent: Malware found: Eicar-Test-Signature."] * 5
    for failed in (mailing, other):
        assert set(failed.correspondences.values_list("status", "queue_state")) == {(Status.FAILED, QueueState.DONE)}
        assert queue(failed) == 0
    for attachment_id in ids[1:2] + ids[3:]:
        settle(attachment_id)
    assert queue(innocent) == 1
    assert publish() == 1
    assert len(failures()) == 5


def test_a_verdict_and_its_letters_move_together_or_not_at_all(sender: Client, settings: Any) -> None:
    attachment_id = awaiting_scan(sender, settings)
    mailing = linked(sender, [attachment_id])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE correspondence_statusevent ADD CONSTRAINT none_fails CHECK (status <> 11) NOT VALID"
        )

    with pytest.raises(Exception, match="none_fails"), transaction.atomic():
        settle(attachment_id, INFECTED)

    assert Attachment.objects.get(pk=attachment_id).status == AttachmentStatus.UPLOAD_PROCESSING
    assert set(mailing.correspondences.values_list("status", flat=True)) == {Status.INITIALIZED}


def test_a_second_verdict_comes_too_late(sender: Client, settings: Any) -> None:
    attachment_id = awaiting_scan(sender, settings)

    assert settle(attachment_id)
    assert not settle(attachment_id, INFECTED)
    assert Attachment.objects.get().status == AttachmentStatus.PUBLISHED


# --- Publishing ---


def test_nothing_is_published_without_its_files(sender: Client) -> None:
    """A file that is gone though a letter holds it: no action does that, and yet the letter must not go out empty."""
    mailing = send(sender, uploaded(sender, fileName="gone.pdf"), recipients=2)
    fine = send(sender, uploaded(sender))
    queue(mailing)
    queue(fine)
    lost = mailing.attachments.get().attachment
    Attachment.objects.filter(pk=lost.pk).update(
        status=AttachmentStatus.EXPIRED, status_text="The attachment has expired"
    )

    assert publish() == 1
    assert failures() == ["The attachment gone.pdf cannot be sent: The attachment has expired."] * 2


@pytest.mark.django_db(transaction=True)
def test_a_letter_whose_file_somebody_is_changing_is_put_off_and_not_waited_for(sender: Client) -> None:
    busy, fine = send(sender, uploaded(sender)), send(sender, uploaded(sender))
    queue(busy)
    queue(fine)
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Attachment.objects.locked().get(pk=busy.attachments.get().attachment_id)
            locked.set()
            done.wait(10)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        locked.wait(10)
        assert publish() == 1
        done.set()
        holding.result()

    assert actions.publish_due(clock=lambda: clock.now() + timedelta(seconds=3)) == 1


# --- Expiry ---


def test_an_attachment_expires_when_its_last_link_does(sender: Client) -> None:
    attachment_id = uploaded(sender, expirationInDays=14)
    send(sender, attachment_id)
    later = clock.now() + timedelta(days=5)
    send(sender, attachment_id, requestedPublishTime=later.isoformat())

    assert expire_links(now=clock.now() + timedelta(days=15)) == 0
    assert expire_links(now=later + timedelta(days=14, seconds=1)) == 1
    assert expire_links(now=later + timedelta(days=14, seconds=1)) == 0

    assert sender.attachment(attachment_id).json()["status"] == "Expired"
    assert problem(sender.attachment(attachment_id, "download")) == (400, "CORR-02020")
    assert problem(sender.delete_attachment(attachment_id)) == (400, "CORR-02018")
    assert problem(sender.post(letter_with(attachment_id))) == (400, "CORR-01018")


def test_one_link_without_an_end_keeps_it_for_ever(sender: Client) -> None:
    attachment_id = uploaded(sender, expirationInDays=14)
    send(sender, attachment_id)
    Attachment.objects.update(expiration_in_days=None)
    send(sender, attachment_id)

    assert expire_links(now=clock.now() + timedelta(days=1000)) == 0
    assert Attachment.objects.get().status == AttachmentStatus.PUBLISHED


def test_one_that_was_never_linked_never_expires(sender: Client) -> None:
    uploaded(sender, expirationInDays=14)

    assert expire_links(now=clock.now() + timedelta(days=1000)) == 0


def test_the_owner_of_another_resource_can_not_send_it(other_sender: Client, sender: Client) -> None:
    attachment_id = uploaded(sender)

    body = letter_with(attachment_id, resourceId="dalen-skatt")
    assert problem(other_sender.post(body)) == (400, "CORR-01017")
