"""The list of recipients as senders write it (contract validation.md §2)."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from config.kernel.wire import WireField
from config.kernel.wire_faults import UNREADABLE
from recipients.identifiers import MAX_RECIPIENT_LENGTH, NotARecipient, parse_recipients

MAX_RECIPIENTS = 500


@extend_schema_field(
    {
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_RECIPIENTS,
        "items": {"type": "string", "maxLength": MAX_RECIPIENT_LENGTH},
        "description": (
            "`0192:` and 9 digits, 11 digits, or a URN of one of the kinds `urn:altinn:organization:identifier-no:`, "
            "`urn:altinn:person:identifier-no:`, `urn:altinn:person:idporten-email:`, "
            "`urn:altinn:person:legacy-selfidentified:`."
        ),
    }
)
class RecipientList(WireField):
    """Answers normalised URNs in the sender's order, repeated ones too. One field: 500 child fields cost 5 ms."""

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        if data is None:
            self.broken("must not be null")
        return super().validate_empty_values(data)

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list):
            self.unreadable("must be a list of strings")
        if not 1 <= len(data) <= MAX_RECIPIENTS:
            self.broken(f"must have 1 to {MAX_RECIPIENTS} entries")
        unreadable: dict[Any, Any] = {
            index: [ErrorDetail(f"recipients[{index}] must be a string.", code=UNREADABLE)]
            for index, entry in enumerate(data)
            if not isinstance(entry, str | None)
        }
        if unreadable:
            raise serializers.ValidationError(unreadable)
        return self._parsed(data)

    def _parsed(self, entries: list[str | None]) -> list[str]:
        try:
            return parse_recipients([entry or "" for entry in entries])
        except NotARecipient as error:
            raise serializers.ValidationError([f"{error}."], code="rule") from error
