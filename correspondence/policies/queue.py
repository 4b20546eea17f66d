"""Why a correspondence has not gone out yet, in words for caseworkers."""

from datetime import datetime

from correspondence.models import Correspondence, MailingAttachment, Pause
from correspondence.statuses import QueueState, Status

_RESERVED = "Its recipient has reserved against digital post: unless that is lifted by then, it fails."


def explanation(correspondence: Correspondence, now: datetime) -> str:
    """A sentence about where it stands in the queue, and one if it is paused."""
    return f"{_where(correspondence, now)}{_pause(correspondence)}"


def _pause(correspondence: Correspondence) -> str:
    """What holds it up; the latest where several do."""
    if correspondence.queue_state == QueueState.DONE:
        return ""
    held = Pause.objects.holding(correspondence.owner_id, correspondence.resource_id).first()
    if held is None:
        return ""
    return f" It does not go out before somebody resumes it. {told(held)}"


def told(held: Pause) -> str:
    """What is paused, by whom, since when and why."""
    return (
        f"Publishing of {held.of} was paused by {held.paused_by} at {held.paused_at:%Y-%m-%d %H:%M:%S} UTC: "
        f"{held.reason.rstrip('.')}."
    )


def _where(correspondence: Correspondence, now: datetime) -> str:
    match QueueState(correspondence.queue_state):
        case QueueState.WAITING if files := _awaited(correspondence):
            return (
                f"Waits for files that are not published yet: {', '.join(files)}. It goes out by itself when they are."
            )
        case QueueState.WAITING:
            return "Stored; a worker has not queued it yet. If this lasts over a minute, no worker is running."
        case QueueState.SET_ASIDE:
            return f"Set aside after {correspondence.attempts} failed attempts. Last error: {correspondence.last_error}"
        case QueueState.DONE:
            return _done(correspondence)
        case QueueState.READY if correspondence.status == Status.RESERVED:
            return f"{_ready(correspondence, now)} {_RESERVED}"
        case QueueState.READY:
            return _ready(correspondence, now)


def _done(correspondence: Correspondence) -> str:
    """What became of it: with the reason, where it never went out."""
    if correspondence.has_been(Status.PURGED_BY_RECIPIENT):
        return "Published, and deleted by its recipient; nothing left to do."
    if correspondence.has_been(Status.PUBLISHED):
        return "Published; nothing left to do."
    if not correspondence.has_been(Status.FAILED):
        return "Deleted by its sender before it was published."
    reasons = correspondence.events.filter(status=Status.FAILED).values_list("text", flat=True)
    deleted = " Deleted by its sender since." if correspondence.has_been(Status.PURGED_BY_ALTINN) else ""
    return f"Failed for good: {'; '.join(reasons).rstrip('.')}.{deleted}"


def _awaited(correspondence: Correspondence) -> list[str]:
    """Names of files that are not published."""
    links = MailingAttachment.objects.filter(mailing=correspondence.mailing_id).in_order().unpublished()
    return [link.attachment.file_name for link in links]


def _ready(correspondence: Correspondence, now: datetime) -> str:
    if correspondence.due_at > now:
        return f"Scheduled: it will be published at {correspondence.due_at:%Y-%m-%d %H:%M:%S} UTC, as the sender asked."
    if correspondence.attempts:
        return (
            f"{correspondence.attempts} attempts failed, the next one is at "
            f"{correspondence.next_try_at:%Y-%m-%d %H:%M:%S} UTC. Last error: {correspondence.last_error}"
        )
    if Pause.objects.holding(correspondence.owner_id, correspondence.resource_id).exists():
        return "Due now, and paused."
    return "Due now; the next free worker publishes it. If this lasts over a minute, no worker is running."
