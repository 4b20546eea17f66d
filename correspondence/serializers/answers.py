"""The answers: plain dicts (a serializer for 500 rows costs 8 ms), and the classes that describe them in OpenAPI."""

from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from attachments.file_types import data_type_of
from attachments.statuses import AttachmentStatus, DataLocationTypeOut
from config.kernel import wire_time
from correspondence.actions import Accepted, Opened
from correspondence.markdown import as_markdown
from correspondence.markdown.literal import address, literal
from correspondence.models import Correspondence, Mailing, MailingAttachment
from correspondence.policies.recipients import RECIPIENT_NAME, addressed
from correspondence.search import MOST_IDS
from correspondence.serializers.initialize import Content, CorrespondencePart
from correspondence.statuses import HIDDEN_FROM_SENDERS, Status
from recipients.identifiers import organization_urn

# What a caller with only sender access sees from publishing on (contract http-api.md §5.2).
_NO_CONTENT = {
    "language": "no",
    "messageTitle": "",
    "messageSummary": "",
    "messageBody": "",
    "attachments": [],
}
_MOST_PLAIN_REPLY_OPTIONS = 3
_REPLY_LABELS = {"nb": "Svarvalg:", "nn": "Svarval:", "en": "Reply options:"}


def initialize_answer(accepted: Accepted) -> dict[str, Any]:
    """The body of a 200 to initialize (contract http-api.md §5.1)."""
    return {
        "correspondences": [
            {
                "correspondenceId": str(letter.id),
                "status": letter.status.label,
                "recipient": letter.recipient,
                "notifications": None,
            }
            for letter in accepted.correspondences
        ],
        "attachmentIds": [str(row_id) for row_id in accepted.attachment_ids],
    }


def overview(opened: Opened) -> dict[str, Any]:
    """The overview as this caller may see it (contract http-api.md §5.2)."""
    return {**_standing(opened), "notifications": [], "content": _content(opened, with_reply_options=True)}


def details(opened: Opened) -> dict[str, Any]:
    """The overview, and its history (contract http-api.md §5.3)."""
    hidden = frozenset() if opened.access.as_recipient else HIDDEN_FROM_SENDERS
    return {
        **_standing(opened),
        "content": _content(opened, with_reply_options=False),
        "statusHistory": [
            {
                "status": Status(event.status).label,
                "statusText": event.text,
                "statusChanged": wire_time.write(event.at),
            }
            for event in opened.history
            if event.status not in hidden
        ],
        "notifications": [],
        "systemLabel": "Default",
    }


def content_text(correspondence: Correspondence) -> str:
    """The body as Markdown that is safe to show (contract http-api.md §7).

    Names and reply options are put in as what they are: neither is anybody's Markdown, nor of a bounded length.
    """
    body = as_markdown(correspondence.mailing.body, RECIPIENT_NAME, correspondence.recipient_name)
    return "\n".join([body, *_reply_options(correspondence.mailing, literal, address)])


def _standing(opened: Opened) -> dict[str, Any]:
    correspondence, mailing = opened.correspondence, opened.correspondence.mailing
    first = {event.status: event for event in reversed(opened.history)}
    current, published, read = (first.get(status) for status in (correspondence.status, Status.PUBLISHED, Status.READ))
    assert current is not None  # whatever has a status has it from its history
    return {
        "correspondenceId": str(correspondence.id),
        "recipient": correspondence.recipient,
        "sender": organization_urn(mailing.owner.organization_number),
        "created": wire_time.write(mailing.created_at),
        "status": Status(correspondence.status).label,
        "statusText": current.text,
        "statusChanged": wire_time.write(current.at),
        "published": wire_time.write(published.at) if published else None,
        "read": wire_time.write(read.at) if read else None,
        "altinn2CorrespondenceId": None,
        **_as_sent(mailing),
    }


def _as_sent(mailing: Mailing) -> dict[str, Any]:
    due = mailing.due_date_time
    return {
        "resourceId": mailing.resource_id,
        "sendersReference": mailing.senders_reference,
        "messageSender": mailing.message_sender or "",
        "requestedPublishTime": wire_time.write(mailing.requested_publish_time),
        "dueDateTime": wire_time.write(due) if due else None,
        "externalReferences": [
            {"referenceValue": entry["value"], "referenceType": entry["type"]} for entry in mailing.external_references
        ],
        "propertyList": mailing.property_list,
        "replyOptions": [{"linkURL": entry["url"], "linkText": entry["text"]} for entry in mailing.reply_options],
        "notification": None,
        "ignoreReservation": mailing.ignore_reservation or False,
        "isConfirmationNeeded": mailing.is_confirmation_needed,
        "isConfidential": mailing.is_confidential,
        "allowForwarding": mailing.allow_forwarding,
    }


def _content(opened: Opened, *, with_reply_options: bool) -> dict[str, Any]:
    correspondence, mailing = opened.correspondence, opened.correspondence.mailing
    if correspondence.has_been(Status.PUBLISHED) and not opened.access.as_recipient:
        return _NO_CONTENT
    body = [_named(mailing.body, correspondence), *(_reply_options(mailing) if with_reply_options else ())]
    return {
        "language": mailing.language,
        "messageTitle": _named(mailing.title, correspondence),
        "messageSummary": _named(mailing.summary, correspondence),
        "messageBody": "\n".join(body),
        "attachments": [_attachment(link) for link in mailing.attachments.in_order()],
    }


def _named(text: str, correspondence: Correspondence) -> str:
    """The text as its recipient gets it; a purge takes the name out."""
    return addressed(text, correspondence.recipient_name)


def _attachment(link: MailingAttachment) -> dict[str, Any]:
    attachment, end = link.attachment, link.expiration_time
    return {
        "id": str(attachment.pk),
        "fileName": attachment.file_name,
        "displayName": attachment.display_name,
        "dataType": data_type_of(attachment.file_name),
        "sendersReference": attachment.senders_reference,
        "checksum": attachment.checksum,
        "isEncrypted": attachment.is_encrypted,
        "dataLocationType": DataLocationTypeOut.AltinnCorrespondenceAttachment.name,
        "status": AttachmentStatus(attachment.status).label,
        "statusText": attachment.status_text,
        "statusChanged": wire_time.write(attachment.status_changed_at),
        "created": wire_time.write(link.mailing.created_at),  # that it was attached
        "expirationTime": wire_time.write(end) if end else None,
        "expirationInDays": None,
    }


def _reply_options(mailing: Mailing, text: Callable[[str], str] = str, url: Callable[[str], str] = str) -> list[str]:
    """The lines that end the body where there are more than three reply options (contract http-api.md §5.2)."""
    options = mailing.reply_options
    if len(options) <= _MOST_PLAIN_REPLY_OPTIONS:
        return []
    lines = [f"{text(entry['text'] or entry['url'])}: {url(entry['url'])}" for entry in options]
    return ["", _REPLY_LABELS[mailing.language.lower()], *lines]


_STATUSES = [status.label for status in Status]


class InitializedCorrespondence(serializers.Serializer[Any]):
    """One recipient's correspondence."""

    correspondenceId = serializers.UUIDField()
    status = serializers.ChoiceField(choices=_STATUSES)
    recipient = serializers.CharField(help_text="The recipient's URN.")
    notifications = serializers.ListField(child=serializers.DictField(), allow_null=True, help_text="Always null.")


class InitializeAnswer(serializers.Serializer[Any]):
    """What was stored: one correspondence for each recipient, in the sender's order."""

    correspondences = InitializedCorrespondence(many=True)
    attachmentIds = serializers.ListField(child=serializers.UUIDField())


class OverviewNotification(serializers.Serializer[Any]):
    """A notification that was ordered."""

    notificationOrderId = serializers.UUIDField(allow_null=True)
    isReminder = serializers.BooleanField()


class OverviewAttachment(serializers.Serializer[Any]):
    """A file that goes along."""

    id = serializers.UUIDField()
    fileName = serializers.CharField()
    displayName = serializers.CharField(allow_null=True)
    dataType = serializers.CharField()
    sendersReference = serializers.CharField()
    checksum = serializers.CharField()
    isEncrypted = serializers.BooleanField()
    dataLocationType = serializers.ChoiceField(choices=[kind.name for kind in DataLocationTypeOut])
    status = serializers.ChoiceField(choices=[status.label for status in AttachmentStatus])
    statusText = serializers.CharField()
    statusChanged = serializers.DateTimeField()
    created = serializers.DateTimeField()
    expirationTime = serializers.DateTimeField(allow_null=True)
    expirationInDays = serializers.IntegerField(allow_null=True, help_text="Always null.")


class OverviewContent(Content):
    """The content, as far as the caller may see it."""

    attachments = OverviewAttachment(many=True)  # type: ignore[assignment]

    messageTitle = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    messageBody = serializers.CharField(allow_blank=True)  # type: ignore[assignment]


class HistoryEntry(serializers.Serializer[Any]):
    """Something that happened to a correspondence."""

    status = serializers.ChoiceField(choices=_STATUSES)
    statusText = serializers.CharField()
    statusChanged = serializers.DateTimeField()


class FoundIds(serializers.Serializer[Any]):
    """What a search found."""

    ids = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_IDS)


class Overview(CorrespondencePart):
    """A correspondence as it is now."""

    correspondenceId = serializers.UUIDField()
    recipient = serializers.CharField()
    sender = serializers.CharField()  # type: ignore[assignment]
    created = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=_STATUSES)
    statusText = serializers.CharField()
    statusChanged = serializers.DateTimeField()
    published = serializers.DateTimeField(allow_null=True)
    read = serializers.DateTimeField(allow_null=True)
    notifications = OverviewNotification(many=True)
    altinn2CorrespondenceId = serializers.IntegerField(allow_null=True)
    content = OverviewContent()


class Details(Overview):
    """A correspondence and all that happened to it."""

    statusHistory = HistoryEntry(many=True)
    notifications = serializers.ListField(child=serializers.DictField(), help_text="Always empty.")  # type: ignore[assignment]
    systemLabel = serializers.CharField(help_text="Always `Default`.")
