"""The request of initialize (contract http-api.md §3, validation.md §3): its shape, and what it becomes."""

from collections.abc import Iterator, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from attachments.drafts import NewAttachments, StoredFile
from attachments.serializers import AttachmentMetadata, file_draft
from config.kernel.wire import (
    MAX_ENTRIES,
    Flag,
    Ignored,
    Moment,
    Text,
    TextMap,
    Uuid,
    WireEnum,
    WireField,
    WireSerializer,
)
from config.kernel.wire_faults import UNREADABLE
from correspondence.drafts import Draft, Reference, ReplyOption
from correspondence.serializers.notification import Notification
from correspondence.statuses import ReferenceType, TransmissionType
from recipients.serializers import RecipientList
from registry.serializers import ResourceId, without_prefix

DEFAULT_LANGUAGE = "nb"
_TRANSMISSION_VALUES = frozenset(text for kind in TransmissionType for text in (kind.name.lower(), str(kind.value)))


class Language(Text):
    """Blank, or two characters; which languages there are is a business rule."""

    def _broken_rules(self, text: str) -> Iterator[str]:
        if text.strip() and (len(text) != 2 or text.lower() == "iv"):
            yield "must be a language code of 2 letters"


@extend_schema_field({"type": "array", "items": {"type": "string", "format": "uuid"}})
class UuidList(WireField):
    """A list of UUIDs."""

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        if data is None:
            self.broken("must not be null")
        return super().validate_empty_values(data)

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.unreadable("must be a list of UUIDs")
        if len(data) > MAX_ENTRIES:
            self.broken(f"must have at most {MAX_ENTRIES} entries")
        child, values = Uuid(), []
        faults: dict[Any, Any] = {}
        for index, entry in enumerate(data):
            try:
                values.append(child.run_validation(entry))
            except serializers.ValidationError:
                text = f"existingAttachments[{index}] must be a UUID of 36 characters with hyphens."
                faults[index] = [ErrorDetail(text, code=UNREADABLE)]
        if faults:
            raise serializers.ValidationError(faults)
        return values


class Content(WireSerializer):
    """What the recipient reads."""

    language = Language(required=False, allow_null=True, default=DEFAULT_LANGUAGE)
    messageTitle = Text(
        max_length=255, help_text="Plain text. `{{recipientName}}` is replaced by the name in the register."
    )
    messageSummary = Text(max_length=255, required=False, allow_null=True, default="")
    messageBody = Text(max_length=30_000, help_text="Markdown, or HTML.")
    attachments = AttachmentMetadata(many=True, required=False, default=list)


class ExternalReference(WireSerializer):
    """A reference to something outside."""

    referenceValue = Text()
    referenceType = WireEnum(ReferenceType)


class ReplyLink(WireSerializer):
    """A link that the recipient may answer by."""

    linkURL = Text()
    linkText = Text(required=False, allow_null=True, default=None)


class CorrespondencePart(WireSerializer):
    """What is the same for all recipients."""

    resourceId = ResourceId(
        max_length=255, help_text="What is sent from; with or without the prefix `urn:altinn:resource:`."
    )
    sender = Ignored(required=False, allow_null=True)
    sendersReference = Text(max_length=4096, help_text="A reference of your own; search finds it.")
    messageSender = Text(
        max_length=255,
        required=False,
        allow_null=True,
        default=None,
        help_text="Who is shown as the sender, where that is not the owner; plain text.",
    )
    content = Content()
    requestedPublishTime = Moment(
        required=False,
        allow_null=True,
        default=None,
        help_text="Published then; at once if it has passed or is missing. Without an offset it is UTC.",
    )
    dueDateTime = Moment(
        required=False,
        allow_null=True,
        default=None,
        help_text="Ahead, and not before the publish time. Then you are told what was not read, or not confirmed.",
    )
    externalReferences = ExternalReference(  # type: ignore[call-arg]
        many=True, max_length=10, required=False, allow_null=True, default=list
    )
    propertyList = TextMap(
        max_items=10, max_key=50, max_value=300, required=False, default=dict, help_text="Up to 10 pairs of your own."
    )
    replyOptions = ReplyLink(many=True, required=False, allow_null=True, default=list)
    notification = Notification(required=False, allow_null=True, default=None)
    ignoreReservation = Flag(
        required=False,
        allow_null=True,
        default=None,
        help_text="Also to persons who have reserved against digital post.",
    )
    isConfirmationNeeded = Flag(
        required=False, default=False, help_text="The recipient must confirm before it can delete; needs dueDateTime."
    )
    isConfidential = Flag(required=False, default=False, help_text="Must be what the resource is.")
    allowForwarding = Flag(required=False, default=False)

    def validate_externalReferences(self, references: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
        """Type 5 is not for senders; the value of the only type 6 must be a transmission type."""
        references = references or []
        kinds = [reference["referenceType"] for reference in references]
        if ReferenceType.DialogportenTransmissionId.name in kinds:
            raise serializers.ValidationError("ExternalReferences must not hold a DialogportenTransmissionId.")
        transmissions = [
            reference["referenceValue"]
            for reference in references
            if reference["referenceType"] == ReferenceType.DialogportenTransmissionType.name
        ]
        if len(transmissions) == 1 and transmissions[0].lower() not in _TRANSMISSION_VALUES:
            names = ", ".join(kind.name for kind in TransmissionType)
            raise serializers.ValidationError(
                f"ExternalReferences: a DialogportenTransmissionType must be one of {names}, or its number."
            )
        return references


@extend_schema_serializer(component_name="Initialize")
class InitializeRequest(WireSerializer):
    """One correspondence for up to 500 recipients."""

    correspondence = CorrespondencePart()
    recipients = RecipientList()
    existingAttachments = UuidList(
        required=False, default=list, help_text="Ids of uploaded attachments that are Published."
    )
    idempotentKey = Uuid(
        not_zero=True,
        required=False,
        allow_null=True,
        default=None,
        help_text="With one recipient. The same key again is CORR-01034, and sends nothing; the list finds by it.",
    )

    def draft(self, files: Sequence[StoredFile] = (), *, form: bool = False) -> Draft:
        """The request as actions know it, with the files that came with it; `form` names faults as forms do.

        Raises:
            SchemaError: it breaks the schema.
        """
        request = self.checked(form=form)
        letter, content = request["correspondence"], request["correspondence"]["content"]
        return Draft(
            resource_id=without_prefix(letter["resourceId"]),
            senders_reference=letter["sendersReference"],
            recipients=tuple(request["recipients"]),
            title=content["messageTitle"],
            body=content["messageBody"],
            summary=content["messageSummary"] or "",
            language=_language(content["language"]),
            message_sender=letter["messageSender"],
            requested_publish_time=letter["requestedPublishTime"],
            due_date_time=letter["dueDateTime"],
            references=_references(letter["externalReferences"]),
            property_list=letter["propertyList"],
            reply_options=_reply_options(letter["replyOptions"]),
            notification=letter["notification"],
            ignore_reservation=letter["ignoreReservation"],
            is_confirmation_needed=letter["isConfirmationNeeded"],
            is_confidential=letter["isConfidential"],
            allow_forwarding=letter["allowForwarding"],
            new_attachments=NewAttachments(
                drafts=tuple(file_draft(entry) for entry in content["attachments"]), files=tuple(files)
            ),
            # The same one twice breaks downloads in the reference: folded here (design §12).
            existing_attachments=tuple(dict.fromkeys(request["existingAttachments"])),
            idempotency_key=request["idempotentKey"],
        )


def _language(text: str | None) -> str:
    return text if text and text.strip() else DEFAULT_LANGUAGE


def _references(entries: list[dict[str, Any]] | None) -> tuple[Reference, ...]:
    return tuple(Reference(entry["referenceValue"], entry["referenceType"]) for entry in entries or ())


def _reply_options(entries: list[dict[str, Any]] | None) -> tuple[ReplyOption, ...]:
    return tuple(ReplyOption(entry["linkURL"], entry["linkText"]) for entry in entries or ())
