"""Reads of attachments."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from attachments.statuses import AttachmentStatus
from config.kernel.long_texts import text_is

if TYPE_CHECKING:
    from attachments.models import Attachment, AttachmentStatusEvent  # noqa: F401 - the base classes name them

# What may have ended without any letter: only those expire that were in one. The index is made of this very expression.
ENDED = Q(status__in=(AttachmentStatus.PURGED, AttachmentStatus.FAILED), storage_key="")


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Attachments."""

    def with_owner(self) -> Self:
        """Together with their owners, in one query."""
        return self.select_related("owner")

    def locked(self) -> Self:
        """Nobody else changes them until the transaction ends."""
        return self.select_for_update(of=("self",))

    def share_locked(self, ids: Collection[UUID], *, skip_locked: bool = False) -> list["Attachment"]:
        """Those of `ids` that are there: they stay as they are until the transaction ends, for others who read too.

        With `skip_locked` without those that somebody is changing.
        """
        statement = "SELECT * FROM attachments_attachment WHERE id = ANY(%s) ORDER BY id FOR SHARE"
        return list(self.raw(f"{statement} SKIP LOCKED" if skip_locked else statement, [list(ids)]))

    def with_reference(self, text: str) -> Self:
        """Those with exactly this sender's reference."""
        return self.filter(text_is("senders_reference", text))

    def looked_at(self, now: datetime) -> Self:
        """Those that somebody has to look at; longest ago first."""
        return self.filter(next_look_at__lte=now).order_by("next_look_at")

    def uploading(self) -> Self:
        """Their bytes are coming in, or their upload has died."""
        return self.filter(status=AttachmentStatus.UPLOAD_PROCESSING, storage_key="")

    def ended_until(self, resource_id: str, moment: datetime) -> Self:
        """A resource's that failed or were deleted until then, and whose bytes are gone; longest ago first."""
        return self.filter(ENDED, resource=resource_id, status_changed_at__lte=moment).order_by("status_changed_at")

    def scanning(self) -> Self:
        """Stored, and not judged by the malware scanner yet."""
        return self.filter(status=AttachmentStatus.UPLOAD_PROCESSING).exclude(storage_key="")


class AttachmentStatusEventQuerySet(models.QuerySet["AttachmentStatusEvent"]):
    """History."""

    def in_order(self) -> Self:
        """By time, in the order in which they were written."""
        return self.order_by(F("at"), F("pk"))
