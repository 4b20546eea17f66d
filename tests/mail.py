"""Letters on their way: sent by HTTP, moved on as the workers do, and looked back at."""

from typing import Any
from uuid import UUID

from config.kernel import clock
from correspondence import actions
from correspondence.models import Mailing, StatusEvent
from correspondence.statuses import Status
from tests.clients import Client
from tests.letters import letter


def sent(sender: Client, body: dict[str, Any] | None = None) -> list[str]:
    """The ids of the correspondences that one request makes, in its order."""
    answer = sender.post(body or letter())
    assert answer.status_code == 200, answer.content
    return [entry["correspondenceId"] for entry in answer.json()["correspondences"]]


def work() -> None:
    """Everything is queued, and what is due goes out."""
    for mailing in Mailing.objects.unqueued():
        actions.queue_mailing(mailing_id=mailing.pk, now=clock.now())
    actions.publish_due(clock=clock.now)


def published(sender: Client, body: dict[str, Any] | None = None) -> str:
    """The id of the first correspondence of a request, and it is out."""
    first = sent(sender, body)[0]
    work()
    assert Status.PUBLISHED in history(first)
    return first


def history(correspondence_id: str | UUID) -> list[Status]:
    """What happened to it, in the order in which it was written."""
    events = StatusEvent.objects.filter(correspondence__pk=correspondence_id).order_by("pk")
    return [Status(status) for status in events.values_list("status", flat=True)]


def since(correspondence_id: str | UUID, status: Status = Status.PUBLISHED) -> list[Status]:
    """What happened to it after it was published, or after another status."""
    whole = history(correspondence_id)
    return whole[whole.index(status) + 1 :]


def with_file(attachment_id: str, **members: Any) -> dict[str, Any]:
    """A request that sends a file along."""
    return letter(request__existingAttachments=[attachment_id], **members)


def mailing_of(letter_id: str) -> Mailing:
    """The mailing of a letter."""
    return Mailing.objects.get(correspondences__pk=letter_id)


def has_content(letter_id: str) -> bool:
    """Whether what the sender wrote is there still: all of it, or nothing."""
    mailing = mailing_of(letter_id)
    is_erased = (mailing.title, mailing.body, mailing.content_erased_at is None) == ("", "", False)
    assert is_erased or (mailing.title, mailing.content_erased_at) == ("Vedtak", None)
    return not is_erased
