"""Reads of mailings and correspondences. Each of the queue's reads stands on a partial index (models.py)."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Func, Value

from attachments.statuses import AttachmentStatus
from correspondence.statuses import QueueState

if TYPE_CHECKING:
    from correspondence.models import (  # noqa: F401 - the base classes name them
        Correspondence,
        Mailing,
        MailingAttachment,
        StatusEvent,
    )


class TextHash(Func):
    """PostgreSQL's 64-bit hash of a text, by which long texts are indexed."""

    function = "hashtextextended"
    template = "%(function)s(%(expressions)s, 0)"
    arity = 1
    output_field = models.BigIntegerField()


class MailingQuerySet(models.QuerySet["Mailing"]):
    """Mailings."""

    def forgotten(self, now: datetime) -> Self:
        """Stored a while ago, and not queued; those looked at longest ago first."""
        return self.filter(next_look_at__lte=now).order_by("next_look_at")

    def unqueued(self) -> Self:
        """Those whose letters wait to be queued."""
        return self.filter(next_look_at__isnull=False)

    def with_reference(self, text: str) -> Self:
        """Those with exactly this sender's reference."""
        hashed = TextHash(Value(text, output_field=models.TextField()))
        return self.alias(hash=TextHash("senders_reference")).filter(hash=hashed, senders_reference=text)


class MailingAttachmentQuerySet(models.QuerySet["MailingAttachment"]):
    """Links from mailings to their attachments."""

    def in_order(self) -> Self:
        """With the attachments, in the sender's order, in one query."""
        return self.select_related("attachment").order_by("position")

    def unpublished(self) -> Self:
        """Those whose attachment has not got that far, or no longer is."""
        return self.exclude(attachment__status=AttachmentStatus.PUBLISHED)

    def expiring(self, now: datetime) -> Self:
        """Those whose end has come, and whose attachments nobody has looked at since."""
        return self.filter(look_at__lte=now).order_by("look_at")


class CorrespondenceQuerySet(models.QuerySet["Correspondence"]):
    """Correspondences."""

    def waiting(self) -> Self:
        """Not queued yet."""
        return self.filter(queue_state=QueueState.WAITING)

    def ready(self) -> Self:
        """Queued; their time may be ahead."""
        return self.filter(queue_state=QueueState.READY)

    def due(self, now: datetime) -> Self:
        """Queued, and their time has come; those that wait longest first."""
        return self.ready().filter(next_try_at__lte=now).order_by("next_try_at")

    def scheduled(self, now: datetime) -> Self:
        """Queued for a time ahead."""
        return self.ready().filter(due_at__gt=now)

    def held_up(self, now: datetime) -> Self:
        """Due, and put off after an error."""
        return self.ready().filter(due_at__lte=now, attempts__gt=0)

    def set_aside(self) -> Self:
        """Given up on until somebody retries them."""
        return self.filter(queue_state=QueueState.SET_ASIDE)

    def claimed(self) -> Self:
        """Locked until the transaction ends; those that another worker holds are passed over."""
        return self.select_for_update(skip_locked=True, of=("self",))

    def with_mailing(self) -> Self:
        """Together with what was sent and by whom, in one query."""
        return self.select_related("mailing__resource", "mailing__owner")


class StatusEventQuerySet(models.QuerySet["StatusEvent"]):
    """History."""

    def in_order(self) -> Self:
        """By time, and by number where two happened at once."""
        return self.order_by(F("at"), F("status"), F("pk"))
