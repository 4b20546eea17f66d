"""Where a letter stands, as a badge: the words say it, the colour only repeats it."""

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from correspondence.models import Correspondence
from correspondence.statuses import NEVER_SET, QueueState, Status

# By status: its name, as the API says it, for catalogues to translate; and its colour.
_STATUSES = {
    Status.INITIALIZED: (_("Initialized"), "quiet"),
    Status.READY_FOR_PUBLISH: (_("ReadyForPublish"), "info"),
    Status.PUBLISHED: (_("Published"), "good"),
    Status.FETCHED: (_("Fetched"), "good"),
    Status.READ: (_("Read"), "good"),
    Status.REPLIED: (_("Replied"), "good"),
    Status.CONFIRMED: (_("Confirmed"), "good"),
    Status.PURGED_BY_RECIPIENT: (_("PurgedByRecipient"), "quiet"),
    Status.PURGED_BY_ALTINN: (_("PurgedByAltinn"), "quiet"),
    Status.ARCHIVED: (_("Archived"), "quiet"),
    Status.RESERVED: (_("Reserved"), "warn"),
    Status.FAILED: (_("Failed"), "bad"),
    Status.ATTACHMENTS_DOWNLOADED: (_("AttachmentsDownloaded"), "good"),
    Status.FORWARDED: (_("Forwarded"), "good"),
}
_STATES = {
    QueueState.WAITING: (_("waiting to be queued"), "warn"),
    QueueState.READY: (_("ready for its time"), "info"),
    QueueState.SET_ASIDE: (_("set aside after repeated errors"), "bad"),
    QueueState.DONE: (_("done"), "quiet"),
}
STATUS_CHOICES = [(str(status.value), _STATUSES[status][0]) for status in Status if status not in NEVER_SET]
STATE_CHOICES = [(state.value, _STATES[state][0]) for state in QueueState]


def status_name(letter: Correspondence) -> str:
    """Its status in words."""
    return str(_STATUSES[Status(letter.status)][0])


def state_name(letter: Correspondence) -> str:
    """Its place in the queue in words."""
    return str(_STATES[QueueState(letter.queue_state)][0])


def status_badge(letter: Correspondence) -> str:
    """Its status."""
    return format_html(
        '<span class="bo-badge bo-{}">{}</span>', _STATUSES[Status(letter.status)][1], status_name(letter)
    )


def state_badge(letter: Correspondence) -> str:
    """Its place in the queue; nothing where it is out of it, as nearly all are."""
    if letter.queue_state == QueueState.DONE:
        return ""
    tone = _STATES[QueueState(letter.queue_state)][1]
    return format_html('<span class="bo-badge bo-{}">{}</span>', tone, state_name(letter))
