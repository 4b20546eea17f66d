"""One initialize request, read and checked against the schema: what actions and rules look at."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from attachments.drafts import NewAttachments
from correspondence.statuses import ReferenceType


@dataclass(frozen=True, slots=True)
class Reference:
    """An external reference; `type` is a number where the sender's has no name."""

    value: str
    type: str | int

    def is_a(self, kind: ReferenceType) -> bool:
        """Whether it is of that kind."""
        return self.type == kind.name


@dataclass(frozen=True, slots=True)
class ReplyOption:
    """A link that the recipient may answer by."""

    url: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """What the sender wrote, for all recipients (contract http-api.md §3)."""

    resource_id: str  # without prefix
    senders_reference: str
    recipients: tuple[str, ...]  # normalised URNs, in order, perhaps repeated
    title: str
    body: str
    summary: str = ""
    language: str = "nb"
    message_sender: str | None = None
    requested_publish_time: datetime | None = None
    due_date_time: datetime | None = None
    references: tuple[Reference, ...] = ()
    property_list: dict[str, str] = field(default_factory=dict)
    reply_options: tuple[ReplyOption, ...] = ()
    notification: dict[str, Any] | None = None
    ignore_reservation: bool | None = None
    is_confirmation_needed: bool = False
    is_confidential: bool = False
    allow_forwarding: bool = False
    new_attachments: NewAttachments = field(default_factory=NewAttachments)
    existing_attachments: tuple[UUID, ...] = ()
    idempotency_key: UUID | None = None
