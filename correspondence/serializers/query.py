"""What a search asks for, as the query string says it (contract http-api.md §6)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter

from config.kernel import uuids, wire_time
from config.kernel.errors import SchemaError
from config.kernel.wire import Moment, Text, Uuid, WholeNumber, WireEnum, WireSerializer
from config.kernel.wire_faults import parameter_faults_of
from correspondence.search import Role, Search
from correspondence.statuses import Status
from recipients.identifiers import NotARecipient, parse_recipient
from registry.serializers import without_prefix

StatusName = IntEnum("StatusName", {status.label: status.value for status in Status})  # type: ignore[misc]
_NUMBERED_PARTIES = ("0192:", "urn:altinn:organization:identifier-no:", "urn:altinn:person:identifier-no:")


class QueryMoment(Moment):
    """A date-time whose offset may have lost its plus sign, which a query string reads as a blank."""

    def to_internal_value(self, data: Any) -> datetime:
        try:
            return wire_time.parse_query(data)
        except ValueError:
            self.unreadable("must be an ISO 8601 date-time, such as 2026-01-05T08:00:00Z")


class QueryUuid(Uuid):
    """A UUID in any of its forms."""

    def to_internal_value(self, data: Any) -> UUID:
        value = uuids.parse_any(data)
        if value is None:
            self.unreadable("must be a UUID")
        return value


class ParameterText(Text):
    """A text that the database can look for."""

    def _broken_rules(self, text: str) -> Iterator[str]:
        yield from super()._broken_rules(text)
        if "\0" in text:
            yield "must not have the character U+0000"


class PartyName(Text):
    """An organisation with prefix, or a person with or without one; answered as a URN."""

    def to_internal_value(self, data: Any) -> str:
        try:
            return _numbered_party(data)
        except NotARecipient as error:
            self.broken(error.rule)


def _numbered_party(text: str) -> str:
    if not (text.isdigit() or text.startswith(_NUMBERED_PARTIES)):
        raise NotARecipient("is neither an organisation with a prefix, nor a person")
    return parse_recipient(text)


class ListParameters(WireSerializer):
    """The parameters of a list, in any casing; blank ones are as good as none."""

    resourceId = ParameterText(max_length=512)
    role = WireEnum(Role, must_have_name=True)
    status = WireEnum(StatusName, must_have_name=True, required=False, default=None)
    onBehalfOf = PartyName(required=False, default=None)
    sendersReference = ParameterText(max_length=4096, required=False, default=None)
    idempotentKey = QueryUuid(required=False, default=None)
    altinn2CorrespondenceId = WholeNumber(required=False, default=None)

    def get_fields(self) -> dict[str, Any]:
        """`from` and `to`: the first is a word of Python's."""
        moments = {name: QueryMoment(required=False, default=None) for name in ("from", "to")}
        return {**super().get_fields(), **moments}


SEARCH_PARAMETERS = [
    OpenApiParameter("resourceId", str, required=True, description="With or without the prefix of its URN."),
    OpenApiParameter("role", str, required=True, enum=[role.name for role in Role]),
    OpenApiParameter("from", datetime, description="Only what has a `requestedPublishTime` after this moment."),
    OpenApiParameter("to", datetime, description="Only what has a `requestedPublishTime` before this moment."),
    OpenApiParameter("status", str, enum=[status.label for status in Status], description="Ever had, not only now."),
    OpenApiParameter("onBehalfOf", str, description="Another party: a delegation from it is needed."),
    OpenApiParameter("sendersReference", str, description="Exactly this one."),
    OpenApiParameter("idempotentKey", UUID, description="The one that was made with this key."),
    OpenApiParameter("altinn2CorrespondenceId", int, description="Finds nothing: nothing came from the old platform."),
]


def search_of(parameters: Iterable[tuple[str, str]]) -> Search:
    """What the query string asks for; of a repeated parameter the first.

    Raises:
        SchemaError: a parameter is missing or cannot be read; told by its name.
    """
    sent = [(name.lower(), value) for name, value in parameters if value.strip()]
    bound = ListParameters(data=dict(reversed(sent)))
    if not bound.is_valid():
        raise SchemaError(parameter_faults_of(bound.errors))
    read = bound.validated_data
    return Search(
        resource_id=without_prefix(read["resourceId"]),
        role=Role[read["role"]],
        start=read["from"],
        end=read["to"],
        status=Status(StatusName[read["status"]].value) if read["status"] else None,
        on_behalf_of=read["onBehalfOf"],
        senders_reference=read["sendersReference"],
        idempotency_key=read["idempotentKey"],
        altinn2_correspondence_id=read["altinn2CorrespondenceId"],
    )
