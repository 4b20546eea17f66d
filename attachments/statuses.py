"""Statuses and other enums of attachments (contract lifecycle.md §1, http-api.md §3.6)."""

from enum import IntEnum

from django.db.models import IntegerChoices
from django.utils.translation import gettext_lazy as _


class AttachmentStatus(IntegerChoices):
    """What the wire says of an attachment: the latest by time."""

    INITIALIZED = 0, "Initialized"
    UPLOAD_PROCESSING = 1, "UploadProcessing"
    PUBLISHED = 2, "Published"
    PURGED = 3, "Purged"
    FAILED = 4, "Failed"
    EXPIRED = 5, "Expired"


# As people read them in the back-office, in their language. The labels above are the wire's; histories keep those.
IN_WORDS = [
    (0, _("Initialized")),
    (1, _("UploadProcessing")),
    (2, _("Published")),
    (3, _("Purged")),
    (4, _("Failed")),
    (5, _("Expired")),
]

# After these nothing follows, and the bytes go.
GONE = (AttachmentStatus.PURGED, AttachmentStatus.FAILED, AttachmentStatus.EXPIRED)


class DataLocationTypeIn(IntEnum):
    """What senders write in `dataLocationType`; without effect."""

    NewCorrespondenceAttachment = 0
    ExistingCorrespondenceAttachment = 1
    ExistingExternalStorage = 2


class DataLocationTypeOut(IntEnum):
    """Where the bytes are, as the wire says it; here always the first."""

    AltinnCorrespondenceAttachment = 0
    ExternalStorage = 1
