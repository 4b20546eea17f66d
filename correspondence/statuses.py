"""Statuses and other enums of the wire, the queue's own states, and what follows what (contract lifecycle.md §1)."""

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Status(IntegerChoices):
    """The status of a correspondence. The current one is the highest number of its history, Fetched left out."""

    INITIALIZED = 0, "Initialized"
    READY_FOR_PUBLISH = 1, "ReadyForPublish"
    PUBLISHED = 2, "Published"
    FETCHED = 3, "Fetched"
    READ = 4, "Read"
    REPLIED = 5, "Replied"
    CONFIRMED = 6, "Confirmed"
    PURGED_BY_RECIPIENT = 7, "PurgedByRecipient"
    PURGED_BY_ALTINN = 8, "PurgedByAltinn"
    ARCHIVED = 9, "Archived"
    RESERVED = 10, "Reserved"
    FAILED = 11, "Failed"
    ATTACHMENTS_DOWNLOADED = 12, "AttachmentsDownloaded"
    FORWARDED = 13, "Forwarded"


# As people read them in the back-office, in their language. The labels above are the wire's; histories keep those.
IN_WORDS = [
    (0, _("Initialized")),
    (1, _("ReadyForPublish")),
    (2, _("Published")),
    (3, _("Fetched")),
    (4, _("Read")),
    (5, _("Replied")),
    (6, _("Confirmed")),
    (7, _("PurgedByRecipient")),
    (8, _("PurgedByAltinn")),
    (9, _("Archived")),
    (10, _("Reserved")),
    (11, _("Failed")),
    (12, _("AttachmentsDownloaded")),
    (13, _("Forwarded")),
]

# Of these a letter that is out may be, for its recipient to reach it (contract lifecycle.md §2).
AVAILABLE = frozenset(
    {
        Status.PUBLISHED,
        Status.FETCHED,
        Status.READ,
        Status.REPLIED,
        Status.CONFIRMED,
        Status.ARCHIVED,
        Status.RESERVED,
        Status.ATTACHMENTS_DOWNLOADED,
        Status.FORWARDED,
    }
)

PURGED = frozenset({Status.PURGED_BY_RECIPIENT, Status.PURGED_BY_ALTINN})
# What a sender does not see in the history (contract http-api.md §5.3).
HIDDEN_FROM_SENDERS = PURGED | {Status.ARCHIVED}
# Named by the contract, and reached by nothing here.
NEVER_SET = frozenset({Status.REPLIED, Status.ARCHIVED, Status.FORWARDED})

# What a correspondence must currently be for something to happen to it: the rules, the database's constraint and the
# diagram in docs/ are made of this table. It begins as Initialized.
TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    Status.READY_FOR_PUBLISH: frozenset({Status.INITIALIZED, Status.RESERVED}),
    Status.PUBLISHED: frozenset({Status.READY_FOR_PUBLISH, Status.RESERVED}),
    Status.FETCHED: AVAILABLE,
    Status.READ: AVAILABLE,
    Status.CONFIRMED: AVAILABLE,
    Status.PURGED_BY_RECIPIENT: AVAILABLE,
    Status.PURGED_BY_ALTINN: frozenset({Status.INITIALIZED, Status.READY_FOR_PUBLISH, Status.FAILED}),
    Status.RESERVED: frozenset({Status.INITIALIZED}),
    Status.FAILED: frozenset({Status.INITIALIZED, Status.READY_FOR_PUBLISH, Status.RESERVED}),
    Status.ATTACHMENTS_DOWNLOADED: AVAILABLE,
}
# In the queue still: everything that may be published or fail one day.
UNFINISHED = TRANSITIONS[Status.FAILED]


def seen(statuses: Iterable[Status]) -> int:
    """The statuses as bits of `Correspondence.statuses_seen`."""
    return sum(1 << status for status in set(statuses))


# A recipient's list holds what was published, or is purged (contract http-api.md §6).
LISTED = PURGED | {Status.PUBLISHED}


class Event(StrEnum):
    """What is told of correspondences (contract lifecycle.md §9), less the prefix that all have."""

    INITIALIZED = "correspondenceinitialized"
    PUBLISHED = "correspondencepublished"
    PUBLISH_FAILED = "correspondencepublishfailed"
    READ = "correspondencereceiverread"
    NEVER_READ = "correspondencereceiverneverread"
    CONFIRMED = "correspondencereceiverconfirmed"
    NEVER_CONFIRMED = "correspondencereceiverneverconfirmed"
    PURGED = "correspondencepurged"


class QueueState(TextChoices):
    """Where a correspondence stands in the queue, apart from its wire status."""

    WAITING = "waiting", _("waiting to be queued")
    READY = "ready", _("ready for its time")
    SET_ASIDE = "set_aside", _("set aside after repeated errors")
    DONE = "done", _("done")


class Fold(IntegerChoices):
    """For how long a row of the tally of what was published counts."""

    NONE = 0, "a chunk"  # of letters that went out together; of this minute
    MINUTE = 1, "a minute"
    HOUR = 2, "an hour"


class Act(TextChoices):
    """What caseworkers do with letters."""

    RETRY = "retry", _("Retry")
    SEND_AGAIN = "send_again", _("Send again")
    PUBLISH_NOW = "publish_now", _("Publish now")
    CANCEL = "cancel", _("Cancel")


class Refusal(TextChoices):
    """Why something is not done with a letter."""

    GONE = "gone", _("No longer kept")
    IS_OUT = "is_out", _("Published already")
    HAS_FAILED = "has_failed", _("Failed for good")
    DELETED = "deleted", _("Deleted")
    NOT_SET_ASIDE = "not_set_aside", _("Not set aside")
    SET_ASIDE = "set_aside", _("Set aside after errors: retry instead")
    IS_DUE = "is_due", _("Not scheduled for later")
    NOT_FAILED = "not_failed", _("Not failed")
    SENT_AGAIN = "sent_again", _("Sent again before")
    ERASED = "erased", _("Content was erased")
    FILE = "file", _("A file cannot be sent any more")
    UNKNOWN = "unknown", _("Recipient is not in the register")
    RESERVED = "reserved", _("Recipient has reserved against digital post")
    LACKS_ROLE = "lacks_role", _("Recipient lacks the role that confidential post demands")
    NAMELESS = "nameless", _("Text names the recipient, whose name is not in the register")
    RULES = "rules", _("Refused by the rules for new letters")
    ERROR = "error", _("An error occurred; the log tells which")


class JobState(TextChoices):
    """How far something that is done with many letters has come."""

    PLANNED = "planned", _("not confirmed")
    UNDER_WAY = "under_way", _("under way")
    ENDED = "ended", _("ended")


class ReferenceType(IntEnum):
    """What an external reference refers to."""

    Generic = 0
    AltinnAppInstance = 1
    AltinnBrokerFileTransfer = 2
    DialogportenDialogId = 3
    DialogportenProcessId = 4
    DialogportenTransmissionId = 5
    DialogportenTransmissionType = 6


class TransmissionType(IntEnum):
    """Values of a reference of type DialogportenTransmissionType."""

    Information = 1
    Acceptance = 2
    Rejection = 3
    Request = 4
    Alert = 5
    Decision = 6
    Submission = 7
    Correction = 8


class NotificationTemplate(IntEnum):
    """Stock texts of notifications."""

    CustomMessage = 0
    GenericAltinnMessage = 1


class NotificationChannel(IntEnum):
    """How a notification is sent."""

    Email = 0
    Sms = 1
    EmailPreferred = 2
    SmsPreferred = 3
    EmailAndSms = 4


class EmailContentType(IntEnum):
    """How an e-mail's body is written."""

    Plain = 0
    Html = 1
