"""Statuses in the words of caseworkers, with the tone of their badges (the classes `bo-good`, `bo-bad` and others)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from config.kernel.back_office import Badge
from config.kernel.masking import mask_person_numbers
from correspondence.models import Correspondence, Pause
from correspondence.statuses import QueueState, Status

_STATUS: Mapping[Status, Badge] = {
    Status.INITIALIZED: Badge(pgettext_lazy("status of a letter", "Received"), "info"),
    Status.READY_FOR_PUBLISH: Badge(pgettext_lazy("status of a letter", "Ready to be published"), "info"),
    Status.PUBLISHED: Badge(pgettext_lazy("status of a letter", "Published"), "good"),
    Status.FETCHED: Badge(pgettext_lazy("status of a letter", "Fetched"), "good"),
    Status.READ: Badge(pgettext_lazy("status of a letter", "Read"), "good"),
    Status.REPLIED: Badge(pgettext_lazy("status of a letter", "Replied to"), "good"),
    Status.CONFIRMED: Badge(pgettext_lazy("status of a letter", "Confirmed"), "good"),
    Status.PURGED_BY_RECIPIENT: Badge(pgettext_lazy("status of a letter", "Deleted by its recipient"), "quiet"),
    Status.PURGED_BY_ALTINN: Badge(pgettext_lazy("status of a letter", "Deleted by its sender"), "quiet"),
    Status.ARCHIVED: Badge(pgettext_lazy("status of a letter", "Archived"), "quiet"),
    Status.RESERVED: Badge(pgettext_lazy("status of a letter", "Recipient has reserved"), "warn"),
    Status.FAILED: Badge(pgettext_lazy("status of a letter", "Failed"), "bad"),
    Status.ATTACHMENTS_DOWNLOADED: Badge(pgettext_lazy("status of a letter", "Attachments downloaded"), "good"),
    Status.FORWARDED: Badge(pgettext_lazy("status of a letter", "Forwarded"), "good"),
}
EVENTS: Mapping[Status, Any] = {
    Status.INITIALIZED: _("Received from its sender"),
    Status.READY_FOR_PUBLISH: _("Made ready to be published"),
    Status.PUBLISHED: _("Published: its recipient can read it"),
    Status.FETCHED: _("Fetched by its recipient"),
    Status.READ: _("Read by its recipient"),
    Status.REPLIED: _("Replied to by its recipient"),
    Status.CONFIRMED: _("Confirmed by its recipient"),
    Status.PURGED_BY_RECIPIENT: _("Deleted by its recipient"),
    Status.PURGED_BY_ALTINN: _("Deleted by its sender"),
    Status.ARCHIVED: _("Archived by its recipient"),
    Status.RESERVED: _("Found that its recipient has reserved against digital post"),
    Status.FAILED: _("Failed: it was not published"),
    Status.ATTACHMENTS_DOWNLOADED: _("An attachment was downloaded by its recipient"),
    Status.FORWARDED: _("Forwarded by its recipient"),
}


def what_is_paused(row: Pause) -> str:
    """In words, with person numbers masked: an owner, a resource or everything."""
    if row.owner is not None:
        return mask_person_numbers(str(row.owner))
    if row.resource_id is not None:
        return mask_person_numbers(gettext("resource %(id)s") % {"id": row.resource_id})
    return gettext("everything")


def status_badge(letter: Correspondence) -> Badge:
    """What the letter is, as its sender and its recipient see it."""
    return _STATUS[Status(letter.status)]


def queue_badge(letter: Correspondence, now: datetime) -> Badge | None:
    """Where the letter stands in the queue; None once it is out of it, where its status says all."""
    match QueueState(letter.queue_state):
        case QueueState.WAITING:
            return Badge(_("Waiting to be queued"), "info")
        case QueueState.SET_ASIDE:
            return Badge(_("Set aside after errors"), "bad")
        case QueueState.READY if letter.due_at > now:
            return Badge(_("Scheduled"), "info")
        case QueueState.READY if letter.attempts:
            return Badge(_("Being tried again"), "warn")
        case QueueState.READY:
            return Badge(_("Due now"), "info")
        case QueueState.DONE:
            return None
