"""Statuses and other enums of the wire, the queue's own states, and what follows what (contract lifecycle.md §1)."""

from enum import IntEnum

from django.db.models import IntegerChoices, TextChoices


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


# What recipients can reach (contract lifecycle.md §2). A purge after a download is not seen by the highest number.
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


class QueueState(TextChoices):
    """Where a correspondence stands in the queue, apart from its wire status."""

    WAITING = "waiting", "waiting to be queued"
    READY = "ready", "ready for its time"
    SET_ASIDE = "set_aside", "set aside after repeated errors"
    DONE = "done", "done"


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
