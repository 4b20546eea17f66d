"""Attachments in the words of caseworkers."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from attachments.models import Attachment
from attachments.statuses import AttachmentStatus
from config.kernel.back_office import Badge

EVENTS: Mapping[AttachmentStatus, Any] = {
    AttachmentStatus.INITIALIZED: _("Announced by its sender"),
    AttachmentStatus.UPLOAD_PROCESSING: _("Uploaded, and given to the malware scanner"),
    AttachmentStatus.PUBLISHED: _("Published: it can be sent"),
    AttachmentStatus.PURGED: _("Deleted"),
    AttachmentStatus.FAILED: _("Failed: it cannot be sent"),
    AttachmentStatus.EXPIRED: _("Expired: its bytes are removed"),
}
_BADGES: Mapping[AttachmentStatus, Badge] = {
    AttachmentStatus.INITIALIZED: Badge(pgettext_lazy("status of a file", "Waits for its bytes"), "info"),
    AttachmentStatus.UPLOAD_PROCESSING: Badge(pgettext_lazy("status of a file", "Being checked"), "info"),
    AttachmentStatus.PUBLISHED: Badge(pgettext_lazy("status of a file", "Published"), "good"),
    AttachmentStatus.PURGED: Badge(pgettext_lazy("status of a file", "Deleted"), "quiet"),
    AttachmentStatus.FAILED: Badge(pgettext_lazy("status of a file", "Failed"), "bad"),
    AttachmentStatus.EXPIRED: Badge(pgettext_lazy("status of a file", "Expired"), "quiet"),
}


def file_badge(attachment: Attachment) -> Badge:
    """What the file is."""
    return file_badge_of(AttachmentStatus(attachment.status))


def file_badge_of(status: AttachmentStatus) -> Badge:
    """The same of any file with this status."""
    return _BADGES[status]
