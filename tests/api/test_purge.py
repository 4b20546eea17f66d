"""DELETE …/purge: who may delete what, when, and what becomes of it (contract lifecycle.md §3)."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from attachments.actions import remove_bytes
from attachments.models import Attachment
from attachments.statuses import AttachmentStatus
from config.kernel import clock
from correspondence import actions
from correspondence.models import Correspondence, Mailing, StatusEvent
from correspondence.statuses import PURGED, QueueState, Status
from recipients.models import Party
from registry.models import Resource
from tests.clients import Client, problem
from tests.concurrency import at_once
from tests.conftest import OWNER, token
from tests.files import CONTENT, body, stored, uploaded
from tests.letters import ORGANIZATION, PERSON, letter
from tests.mail import history, published, sent, since, work

FAR = "2099-01-01T00:00:00Z"
DIALOG = {"referenceType": "DialogportenDialogId", "referenceValue": "0b6ff5c1-5f5c-4c3a-9c5e-3a4a1f0e7d11"}
READ, WRITE = "altinn:correspondence.read", "altinn:correspondence.write"


@pytest.fixture
def second_reader(db: None) -> Client:
    return Client(token("310080632", scope=READ))


def clear() -> None:
    """What the purges have woken is done."""
    for mailing_id in Mailing.objects.filter(clear_at__isnull=False).values_list("pk", flat=True):
        actions.clear_mailing(mailing_id=mailing_id, now=clock.now())


# --- by the sender ---------------------------------------------------------------------------------------------------


def test_what_the_sender_purged_is_never_published(sender: Client, reader: Client) -> None:
    [queued] = sent(sender, letter(requestedPublishTime=FAR))
    work()
    [stored_only] = sent(sender)

    for letter_id in (queued, stored_only):
        answer = sender.purge(letter_id)
        assert (answer.status_code, answer.json()) == (200, letter_id)
    Correspondence.objects.update(due_at=clock.now(), next_try_at=clock.now())
    work()

    assert history(queued) == [Status.INITIALIZED, Status.READY_FOR_PUBLISH, Status.PURGED_BY_ALTINN]
    assert history(stored_only) == [Status.INITIALIZED, Status.PURGED_BY_ALTINN]
    assert set(Correspondence.objects.values_list("queue_state", flat=True)) == {QueueState.DONE}
    assert problem(sender.overview(queued)) == (404, "CORR-01001")
    assert sender.details(queued).json()["status"] == "PurgedByAltinn"
    assert problem(reader.overview(queued)) == (404, "CORR-01001")


def test_the_sender_can_not_purge_what_is_out(sender: Client) -> None:
    letter_id = published(sender)

    assert problem(sender.purge(letter_id)) == (400, "CORR-01013")
    assert since(letter_id) == []


def test_the_sender_does_not_purge_what_waits_as_reserved(sender: Client) -> None:
    """Lifecycle.md §3 names the statuses that it may purge; the letter fails by itself when the others go out."""
    Party.objects.create(urn=PERSON, is_reserved=True)
    reserved, _ = sent(sender, letter(PERSON, ORGANIZATION, requestedPublishTime=FAR))

    assert problem(sender.purge(reserved)) == (400, "CORR-01013")
    assert history(reserved) == [Status.INITIALIZED, Status.RESERVED]


def test_a_purge_and_a_publisher_at_once_agree(sender: Client, transactional_db: None) -> None:
    [letter_id] = sent(sender)
    mailing = Mailing.objects.get()
    actions.queue_mailing(mailing_id=mailing.pk, now=clock.now())

    def purge() -> int:
        return int(Client(token()).purge(letter_id).status_code)

    def publish() -> int:
        return actions.publish_due(clock=clock.now)

    calls = [purge, publish]

    answers = at_once(2, lambda: int(calls.pop()()))

    purged = 200 in answers
    assert history(letter_id)[2:] == [Status.PURGED_BY_ALTINN if purged else Status.PUBLISHED]


# --- by the recipient ------------------------------------------------------------------------------------------------


def test_the_recipient_purges_what_is_out(sender: Client, reader: Client) -> None:
    letter_id = published(sender)

    answer = reader.purge(letter_id)
    assert (answer.status_code, answer.json()) == (200, letter_id)
    assert problem(reader.purge(letter_id)) == (400, "CORR-01014")

    assert since(letter_id) == [Status.PURGED_BY_RECIPIENT]
    for call in (reader.overview, reader.details, reader.content, reader.mark_as_read, reader.confirm):
        assert problem(call(letter_id)) == (404, "CORR-01001")


def test_who_purged_is_written_down(sender: Client, reader: Client) -> None:
    reader.purge(published(sender))
    sender.purge(sent(sender)[0])

    purges = StatusEvent.objects.filter(status__in=PURGED).order_by("pk")
    assert list(purges.values_list("status", "party")) == [
        (Status.PURGED_BY_RECIPIENT, ORGANIZATION),
        (Status.PURGED_BY_ALTINN, f"urn:altinn:organization:identifier-no:{OWNER}"),
    ]


def test_a_purge_after_a_download_is_a_purge(sender: Client, reader: Client) -> None:
    """The current status stays AttachmentsDownloaded, the highest number; nobody may fetch it all the same."""
    attachment_id = uploaded(sender)
    letter_id = published(sender, letter(request__existingAttachments=[attachment_id]))
    b"".join(reader.fetch(letter_id, attachment_id).streaming_content)

    assert reader.purge(letter_id).status_code == 200

    assert sender.details(letter_id).json()["status"] == "AttachmentsDownloaded"
    assert problem(reader.overview(letter_id)) == (404, "CORR-01001")
    assert problem(reader.fetch(letter_id, attachment_id)) == (404, "CORR-01001")
    assert problem(reader.purge(letter_id)) == (400, "CORR-01014")
    assert problem(sender.purge(letter_id)) == (400, "CORR-01014")


def test_what_must_be_confirmed_is_confirmed_first(sender: Client, reader: Client) -> None:
    letter_id = published(sender, letter(isConfirmationNeeded=True, dueDateTime=FAR))

    assert problem(reader.purge(letter_id)) == (400, "CORR-01026")
    reader.overview(letter_id)
    assert reader.confirm(letter_id).status_code == 200
    assert reader.purge(letter_id).status_code == 200


def test_two_purges_at_once_are_one(sender: Client, transactional_db: None) -> None:
    letter_id = published(sender)

    answers = at_once(4, lambda: Client(token("314762290", scope=READ)).purge(letter_id).status_code)

    assert sorted(answers) == [200, 400, 400, 400]
    assert since(letter_id) == [Status.PURGED_BY_RECIPIENT]


# --- both ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def own_letter(sender: Client) -> str:
    """A letter that an owner sends to itself, for later."""
    return sent(sender, letter(f"0192:{OWNER}", requestedPublishTime=FAR))[0]


@pytest.mark.parametrize(
    ("scope", "before", "after"),
    [
        (WRITE, (200, None), (400, "CORR-01013")),
        (READ, (404, "CORR-01001"), (200, None)),
        (f"{READ} {WRITE}", (200, None), (200, None)),
    ],
)
def test_who_is_both_purges_as_its_scope_says_and_with_both_as_either(
    own_letter: str, scope: str, before: Any, after: Any
) -> None:
    """The sender's way is open before publishing, the recipient's after it."""
    caller = Client(token(scope=scope))

    def outcome() -> Any:
        answer = caller.purge(own_letter)
        return (200, None) if answer.status_code == 200 else problem(answer)

    if before != (200, None):
        assert outcome() == before
    if after != (200, None) or before != (200, None):
        Correspondence.objects.update(due_at=clock.now(), next_try_at=clock.now())
        work()
        assert outcome() == after
    else:
        assert outcome() == before
        assert history(own_letter)[-1] == Status.PURGED_BY_ALTINN


def test_who_is_both_hears_the_senders_refusal_when_both_ways_are_closed(sender: Client) -> None:
    letter_id = published(sender, letter(f"0192:{OWNER}", isConfirmationNeeded=True, dueDateTime=FAR))

    assert problem(Client(token(scope=f"{READ} {WRITE}")).purge(letter_id)) == (400, "CORR-01013")


def test_a_transmission_is_not_purged_and_strangers_learn_nothing_more(
    sender: Client, other_sender: Client, reader: Client
) -> None:
    letter_id = published(sender, letter(externalReferences=[DIALOG]))

    for caller in (sender, reader, other_sender):
        assert problem(caller.purge(letter_id)) == (400, "CORR-01043")


def test_strangers_do_not_purge(sender: Client, other_sender: Client, second_reader: Client, stranger: Client) -> None:
    letter_id = published(sender)

    assert problem(other_sender.purge(letter_id)) == (401, "CORR-04001")
    assert problem(second_reader.purge(letter_id)) == (401, "CORR-04001")
    assert problem(stranger.purge(letter_id)) == (401, None)
    assert since(letter_id) == []


def test_the_two_last_letters_of_a_mailing_purged_at_once_leave_nothing(sender: Client, transactional_db: None) -> None:
    """Each sees that the other is gone, or waits until it is."""
    ids = sent(sender, letter(ORGANIZATION, "0192:310080632"))
    work()
    callers = dict(zip(ids, ("314762290", "310080632"), strict=True))
    calls = list(callers.items())

    def purge() -> int:
        letter_id, organization = calls.pop()
        return int(Client(token(organization, scope=READ)).purge(letter_id).status_code)

    assert at_once(2, purge) == [200, 200]
    assert Mailing.objects.filter(purged_at__isnull=False, clear_at__isnull=False).count() == 1


# --- what follows ----------------------------------------------------------------------------------------------------


def test_content_and_bytes_go_with_the_last_letter_of_the_mailing(
    sender: Client, reader: Client, second_reader: Client, attachments_folder: Path
) -> None:
    attachment_id = uploaded(sender)
    first, second = sent(sender, letter(ORGANIZATION, "0192:310080632", request__existingAttachments=[attachment_id]))
    work()

    reader.purge(first)
    clear()
    assert second_reader.overview(second).json()["content"]["messageBody"] == "Hei."
    assert Attachment.objects.get().status == AttachmentStatus.PUBLISHED

    second_reader.purge(second)
    clear()
    remove_bytes(attachment_id=UUID(attachment_id), now=clock.now())
    mailing = Mailing.objects.get()
    assert (mailing.title, mailing.summary, mailing.body, mailing.property_list) == ("", "", "", {})
    assert (mailing.senders_reference, mailing.content_erased_at is None) == ("sak-1", False)
    assert Attachment.objects.get().status == AttachmentStatus.PURGED
    assert stored(attachments_folder) == []
    assert [history(letter_id)[-1] for letter_id in (first, second)] == [Status.PURGED_BY_RECIPIENT] * 2
    assert sender.details(first).status_code == 200


def test_the_recipients_name_goes_with_the_letter_and_leaves_no_gap_to_fill(sender: Client, reader: Client) -> None:
    Party.objects.create(urn=ORGANIZATION, name="BERG AS")
    Party.objects.create(urn="urn:altinn:organization:identifier-no:310080632", name="DAL AS")
    body = letter(
        ORGANIZATION, "0192:310080632", requestedPublishTime=FAR, content__messageTitle="Til {{recipientName}}"
    )
    first, second = sent(sender, body)

    sender.purge(first)

    assert Correspondence.objects.get(pk=first).recipient_name == ""
    titles = [sender.details(letter_id).json()["content"]["messageTitle"] for letter_id in (first, second)]
    assert titles == ["Til ", "Til Dal As"]


def test_bytes_stay_while_another_mailing_uses_them(
    sender: Client, reader: Client, resource: Resource, attachments_folder: Path
) -> None:
    attachment_id = uploaded(sender)
    first, second = (published(sender, letter(request__existingAttachments=[attachment_id])) for _ in range(2))

    reader.purge(first)
    clear()
    assert body(reader.fetch(second, attachment_id)) == CONTENT
    reader.purge(second)
    clear()
    assert Attachment.objects.get().status == AttachmentStatus.PURGED
