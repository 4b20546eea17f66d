"""Mailings, each recipient's correspondence, and their history."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from attachments.models import Attachment
from correspondence.querysets import (
    CorrespondenceQuerySet,
    MailingAttachmentQuerySet,
    MailingQuerySet,
    StatusEventQuerySet,
    TextHash,
)
from correspondence.statuses import QueueState, Status
from registry.models import Resource, ServiceOwner


class Mailing(models.Model):
    """One accepted initialize request: everything the sender wrote, once for all recipients."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="+")
    # The resource's owner at that time: the `sender` of the wire, whatever becomes of the resource.
    owner = models.ForeignKey(ServiceOwner, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.CharField("acting party", max_length=1024)
    traceparent = models.CharField(max_length=55)
    senders_reference = models.TextField()
    message_sender = models.TextField(null=True)  # noqa: DJ001 - null is told apart from "" on the wire
    language = models.CharField(max_length=2)
    title = models.TextField()
    summary = models.TextField(blank=True)
    body = models.TextField()
    requested_publish_time = models.DateTimeField()
    due_date_time = models.DateTimeField(null=True)
    external_references = models.JSONField(default=list)
    property_list = models.JSONField(default=dict)
    reply_options = models.JSONField(default=list)
    notification = models.JSONField(null=True)
    ignore_reservation = models.BooleanField(null=True)
    is_confirmation_needed = models.BooleanField(default=False)
    is_confidential = models.BooleanField(default=False)
    allow_forwarding = models.BooleanField(default=False)
    recipient_count = models.PositiveIntegerField()
    # When the sweep looks at it again; null once it is queued.
    next_look_at = models.DateTimeField(null=True)

    objects = MailingQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(F("next_look_at"), name="mailing_forgotten", condition=Q(next_look_at__isnull=False)),
            # References may be 4096 characters, which no B-tree bears: equality through a hash.
            models.Index(TextHash("senders_reference"), name="mailing_senders_reference"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(recipient_count__gte=1, recipient_count__lte=500), name="mailing_has_recipients"
            )
        ]

    def __str__(self) -> str:
        return f"mailing {self.id}"


class MailingAttachment(models.Model):
    """One attachment of a mailing, in the sender's order; once, however many recipients."""

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="attachments", db_index=False)
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    expiration_time = models.DateTimeField(null=True)
    # When the sweep asks whether the attachment has outlived its last link; null: it has been asked, or never will be.
    look_at = models.DateTimeField(null=True)

    objects = MailingAttachmentQuerySet.as_manager()

    class Meta:
        ordering = ("mailing", "position")
        indexes = [
            models.Index(F("look_at"), name="mailing_attachment_look", condition=Q(look_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=("mailing", "position"), name="mailing_attachments_are_in_order"),
            models.UniqueConstraint(fields=("mailing", "attachment"), name="mailing_has_an_attachment_once"),
        ]

    def __str__(self) -> str:
        return f"attachment {self.position + 1} of mailing {self.mailing_id}"


class Correspondence(models.Model):
    """One recipient's copy of a mailing. Rows of one mailing are in the sender's order by id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The unique key below begins with the mailing and serves as its index.
    mailing = models.ForeignKey(Mailing, on_delete=models.PROTECT, related_name="correspondences", db_index=False)
    recipient = models.CharField(max_length=1024)
    status = models.PositiveSmallIntegerField(choices=Status.choices, default=Status.INITIALIZED)

    queue_state = models.CharField(max_length=9, choices=QueueState.choices, default=QueueState.WAITING)
    due_at = models.DateTimeField("publish at")
    next_try_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")

    objects = CorrespondenceQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(F("next_try_at"), name="correspondence_due", condition=Q(queue_state=QueueState.READY)),
            models.Index(F("id"), name="correspondence_waiting", condition=Q(queue_state=QueueState.WAITING)),
            models.Index(F("id"), name="correspondence_set_aside", condition=Q(queue_state=QueueState.SET_ASIDE)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="correspondence_status_is_known"),
            models.CheckConstraint(
                condition=Q(queue_state__in=QueueState.values), name="correspondence_queue_state_is_known"
            ),
            # Nothing is published before its time: the queue looks at next_try_at only.
            models.CheckConstraint(condition=Q(next_try_at__gte=F("due_at")), name="correspondence_is_not_tried_early"),
            models.UniqueConstraint(fields=("mailing", "recipient"), name="correspondence_once_for_each_recipient"),
        ]

    def __str__(self) -> str:
        return f"correspondence {self.id}"


class StatusEvent(models.Model):
    """Something that happened to a correspondence. Rows are added, never changed."""

    correspondence = models.ForeignKey(Correspondence, on_delete=models.CASCADE, related_name="events")
    status = models.PositiveSmallIntegerField(choices=Status.choices)
    text = models.TextField()
    at = models.DateTimeField()
    party = models.CharField("acting party", max_length=1024, blank=True)  # empty: the service itself

    objects = StatusEventQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        # Rows are added in the order of time: a few pages of index answer "published in the last hour".
        indexes = [BrinIndex(F("at"), name="status_event_at")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="status_event_status_is_known"),
            models.UniqueConstraint(
                fields=("correspondence",), condition=Q(status=Status.PUBLISHED), name="published_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{Status(self.status).label} at {self.at}"


class IdempotencyKey(models.Model):
    """A key that an owner has used."""

    owner = models.ForeignKey(ServiceOwner, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.UUIDField()
    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("owner", "key"), name="idempotency_key_used_once")]

    def __str__(self) -> str:
        return str(self.key)
