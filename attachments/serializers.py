"""The shape of attachments on the wire (contract http-api.md §3.4 and §5.4)."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from attachments.drafts import AttachmentDraft, FileDraft
from attachments.file_types import data_type_of
from attachments.models import Attachment, AttachmentStatusEvent
from attachments.statuses import AttachmentStatus, DataLocationTypeIn
from config.kernel import wire_time
from config.kernel.clock import MOST_DAYS
from config.kernel.wire import Flag, Ignored, Text, Uuid, WholeNumber, WireEnum, WireSerializer
from recipients.identifiers import organization_urn
from registry.serializers import ResourceId, without_prefix

_STATUSES = [status.label for status in AttachmentStatus]


class Checksum(Text):
    """Blank, or 32 characters without upper case: an MD5 in hexadecimal, which is not looked at closer."""

    def _broken_rules(self, text: str) -> Iterator[str]:
        if text.strip() and (len(text) != 32 or text != text.lower()):
            yield "must be an MD5 of 32 characters without upper case"


class FileMetadata(WireSerializer):
    """What a sender says of a file."""

    fileName = Text(max_length=255, may_be_empty=True)
    displayName = Text(max_length=255, required=False, allow_null=True, default=None)
    isEncrypted = Flag(required=False, default=False)
    checksum = Checksum(required=False, allow_null=True, default="")
    sendersReference = Text(max_length=4096)
    expirationInDays = WholeNumber(most=MOST_DAYS, required=False, allow_null=True, default=None)


class AttachmentMetadata(FileMetadata):
    """A file of the same request, as described in `content.attachments`."""

    id = Uuid(required=False, allow_null=True, default=None)
    dataLocationType = WireEnum(
        DataLocationTypeIn, required=False, default=DataLocationTypeIn.NewCorrespondenceAttachment.name
    )


@extend_schema_serializer(component_name="InitializeAttachment")
class InitializeAttachmentRequest(FileMetadata):
    """A file that will be uploaded by itself."""

    resourceId = ResourceId(max_length=255)
    sender = Ignored(required=False, allow_null=True)

    def draft(self) -> AttachmentDraft:
        """The request as actions know it.

        Raises:
            SchemaError: it breaks the schema.
        """
        request = self.checked()
        return AttachmentDraft(resource_id=without_prefix(request["resourceId"]), file=file_draft(request))


def file_draft(metadata: dict[str, Any]) -> FileDraft:
    """What was sent of one file, as actions know it."""
    return FileDraft(
        file_name=metadata["fileName"],
        senders_reference=metadata["sendersReference"],
        display_name=metadata["displayName"],
        is_encrypted=metadata["isEncrypted"],
        checksum=(metadata["checksum"] or "").strip(),
        expiration_in_days=metadata["expirationInDays"],
    )


def attachment_overview(attachment: Attachment, correspondence_ids: Collection[UUID]) -> dict[str, Any]:
    """An attachment as its sender sees it (contract http-api.md §5.4)."""
    return {
        "attachmentId": str(attachment.pk),
        "status": AttachmentStatus(attachment.status).label,
        "statusText": attachment.status_text,
        "statusChanged": wire_time.write(attachment.status_changed_at),
        "correspondenceIds": [str(letter_id) for letter_id in correspondence_ids],
        "dataType": data_type_of(attachment.file_name),
        "resourceId": attachment.resource_id,
        "sender": organization_urn(attachment.owner.organization_number),
        "fileName": attachment.file_name,
        "displayName": attachment.display_name,
        "isEncrypted": attachment.is_encrypted,
        "checksum": attachment.checksum,
        "sendersReference": attachment.senders_reference,
        "expirationInDays": attachment.expiration_in_days,
    }


def attachment_details(
    attachment: Attachment, correspondence_ids: Collection[UUID], events: Sequence[AttachmentStatusEvent]
) -> dict[str, Any]:
    """The overview and the history (contract http-api.md §5.4)."""
    return {
        **attachment_overview(attachment, correspondence_ids),
        "displayName": attachment.display_name if attachment.display_name is not None else attachment.file_name,
        "statusHistory": [
            {
                "status": AttachmentStatus(event.status).label,
                "statusText": event.text,
                "statusChanged": wire_time.write(event.at),
            }
            for event in events
        ],
    }


class AttachmentOverview(serializers.Serializer[Any]):
    """An attachment as it is now."""

    attachmentId = serializers.UUIDField()
    status = serializers.ChoiceField(choices=_STATUSES)
    statusText = serializers.CharField()
    statusChanged = serializers.DateTimeField()
    correspondenceIds = serializers.ListField(child=serializers.UUIDField())
    dataType = serializers.CharField()
    resourceId = serializers.CharField()
    sender = serializers.CharField(help_text="The owner's URN.")
    fileName = serializers.CharField()
    displayName = serializers.CharField(allow_null=True)
    isEncrypted = serializers.BooleanField()
    checksum = serializers.CharField(
        allow_blank=True, help_text="MD5 in hexadecimal; filled in by the upload where the sender left it blank."
    )
    sendersReference = serializers.CharField()
    expirationInDays = serializers.IntegerField(allow_null=True)


class AttachmentHistoryEntry(serializers.Serializer[Any]):
    """Something that happened to the attachment."""

    status = serializers.ChoiceField(choices=_STATUSES)
    statusText = serializers.CharField()
    statusChanged = serializers.DateTimeField()


class AttachmentDetails(AttachmentOverview):
    """An attachment and its history."""

    statusHistory = AttachmentHistoryEntry(many=True)
