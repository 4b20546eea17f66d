"""Why a correspondence has not gone out yet, in words for caseworkers, in the language and the time of who reads."""

from collections.abc import Callable
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from correspondence.models import Correspondence, MailingAttachment, Pause
from correspondence.statuses import QueueState, Status


def explanation(correspondence: Correspondence, now: datetime) -> str:
    """A sentence about where it stands in the queue, and one if it is paused."""
    held = _pause(correspondence)
    return " ".join([*_where(correspondence, now, held), *_held(held)])


def told(held: Pause) -> str:
    """What is paused, by whom, since when and why."""
    return _told(held, _local)


def told_to_operators(held: Pause) -> str:
    """The same in English and UTC, as commands say everything."""
    with override(None):
        return _told(held, _utc)


def _local(moment: datetime) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT")


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _told(held: Pause, written: Callable[[datetime], str]) -> str:
    facts = {"by": held.paused_by, "at": written(held.paused_at), "reason": held.reason.rstrip(".")}
    if held.owner is not None:
        text = _("Publishing of %(owner)s was paused by %(by)s at %(at)s: %(reason)s.")
        return text % {**facts, "owner": held.owner}
    if held.resource_id is not None:
        text = _("Publishing of resource %(resource)s was paused by %(by)s at %(at)s: %(reason)s.")
        return text % {**facts, "resource": held.resource_id}
    return _("Publishing of everything was paused by %(by)s at %(at)s: %(reason)s.") % facts


def _pause(correspondence: Correspondence) -> Pause | None:
    """What holds it up; the latest where several do."""
    if correspondence.queue_state == QueueState.DONE:
        return None
    return Pause.objects.holding(correspondence.owner_id, correspondence.resource_id).first()


def _held(held: Pause | None) -> list[str]:
    return [] if held is None else [_("It does not go out before somebody resumes it."), told(held)]


def _where(correspondence: Correspondence, now: datetime, held: Pause | None) -> list[str]:
    match QueueState(correspondence.queue_state):
        case QueueState.WAITING if files := _awaited(correspondence):
            text = _("Waits for files that are not published yet: %(files)s. It goes out by itself when they are.")
            return [text % {"files": ", ".join(files)}]
        case QueueState.WAITING:
            return [_("Stored; a worker has not queued it yet. If this lasts over a minute, no worker is running.")]
        case QueueState.SET_ASIDE:
            return [_set_aside(correspondence)]
        case QueueState.DONE:
            return _done(correspondence)
        case QueueState.READY if correspondence.status == Status.RESERVED:
            reserved = _("Its recipient has reserved against digital post: unless that is lifted by then, it fails.")
            return [_ready(correspondence, now, held), reserved]
        case QueueState.READY:
            return [_ready(correspondence, now, held)]


def _set_aside(correspondence: Correspondence) -> str:
    text = ngettext(
        "Set aside after %(count)s failed attempt. Last error: %(error)s",
        "Set aside after %(count)s failed attempts. Last error: %(error)s",
        correspondence.attempts,
    )
    return text % {"count": correspondence.attempts, "error": correspondence.last_error}


def _done(correspondence: Correspondence) -> list[str]:
    """What became of it: with the reason, where it never went out."""
    if correspondence.has_been(Status.PURGED_BY_RECIPIENT):
        return [_("Published, and deleted by its recipient; nothing left to do.")]
    if correspondence.has_been(Status.PUBLISHED):
        return [_("Published; nothing left to do.")]
    if not correspondence.has_been(Status.FAILED):
        return [_("Deleted by its sender before it was published.")]
    reasons = correspondence.events.filter(status=Status.FAILED).values_list("text", flat=True)
    failed = _("Failed for good: %(reason)s.") % {"reason": "; ".join(reasons).rstrip(".")}
    deleted = correspondence.has_been(Status.PURGED_BY_ALTINN)
    return [failed, _("Deleted by its sender since.")] if deleted else [failed]


def _awaited(correspondence: Correspondence) -> list[str]:
    """Names of files that are not published."""
    links = MailingAttachment.objects.filter(mailing=correspondence.mailing_id).in_order().unpublished()
    return [link.attachment.file_name for link in links]


def _ready(correspondence: Correspondence, now: datetime, held: Pause | None) -> str:
    if correspondence.due_at > now:
        text = _("Scheduled: it will be published at %(at)s, as the sender asked.")
        return text % {"at": _local(correspondence.due_at)}
    if correspondence.attempts:
        return _tried(correspondence)
    if held is not None:
        return _("Due now, and paused.")
    return _("Due now; the next free worker publishes it. If this lasts over a minute, no worker is running.")


def _tried(correspondence: Correspondence) -> str:
    text = ngettext(
        "%(count)s attempt failed, the next one is at %(at)s. Last error: %(error)s",
        "%(count)s attempts failed, the next one is at %(at)s. Last error: %(error)s",
        correspondence.attempts,
    )
    facts = {"count": correspondence.attempts, "at": _local(correspondence.next_try_at)}
    return text % {**facts, "error": correspondence.last_error}
