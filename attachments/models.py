"""Attachments, their history, and what the cleaning did."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from attachments.querysets import ENDED, AttachmentQuerySet, AttachmentStatusEventQuerySet
from attachments.statuses import IN_WORDS, AttachmentStatus
from config.kernel.long_texts import TextHash
from registry.models import Resource, ServiceOwner


class Attachment(models.Model):
    """One uploaded file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.ForeignKey(Resource, verbose_name=_("resource"), on_delete=models.PROTECT, related_name="+")
    # The resource's owner at that time: the `sender` of the wire, whatever becomes of the resource.
    owner = models.ForeignKey(ServiceOwner, verbose_name=_("service owner"), on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created at"))
    created_by = models.CharField(_("acting party"), max_length=1024)
    traceparent = models.CharField(_("traceparent"), max_length=55)
    file_name = models.CharField(_("file name"), max_length=255)
    display_name = models.CharField(_("display name"), max_length=255, null=True)  # noqa: DJ001 - null is told apart from "" on the wire
    is_encrypted = models.BooleanField(_("is encrypted"), default=False)
    # What the sender announced; once the bytes are there, theirs.
    checksum = models.CharField(_("MD5"), max_length=32, blank=True)
    senders_reference = models.TextField(_("sender's reference"))
    expiration_in_days = models.PositiveIntegerField(_("expiration in days"), null=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), null=True)
    # Where the bytes are; empty: there are none, or not all of them.
    storage_key = models.CharField(_("storage key"), max_length=64, blank=True, default="")

    # The latest of the history, so that no list has to look it up.
    status = models.PositiveSmallIntegerField(_("status"), choices=IN_WORDS, default=AttachmentStatus.INITIALIZED)
    status_text = models.TextField(_("status text"))
    status_changed_at = models.DateTimeField(_("status changed at"))

    # When the sweep looks at it: an upload that may have died, a scan, bytes to remove; null: nothing is left to do.
    next_look_at = models.DateTimeField(_("next look at"), null=True)
    # Until then one worker has it in hand; a scan of a large file must not be begun twice.
    scan_leased_until = models.DateTimeField(_("scan leased until"), null=True)
    last_error = models.TextField(_("last error"), blank=True, default="")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        permissions = (("download_attachment", "Can download the bytes of attachments"),)
        indexes = [
            models.Index(F("next_look_at"), name="attachment_look", condition=Q(next_look_at__isnull=False)),
            # The back-office's search. References may be 4096 characters.
            models.Index(TextHash("senders_reference"), name="attachment_senders_reference"),
            # The retention's, resource by resource, longest ago first.
            models.Index(F("resource"), F("status_changed_at"), name="attachment_ended", condition=ENDED),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=AttachmentStatus.values), name="attachment_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status=AttachmentStatus.PUBLISHED)
                | (Q(size__gte=1) & ~Q(storage_key="") & ~Q(checksum="")),
                name="published_attachment_has_bytes",
            ),
            models.UniqueConstraint(
                fields=("storage_key",), condition=~Q(storage_key=""), name="bytes_of_one_attachment"
            ),
        ]

    def __str__(self) -> str:
        return gettext("attachment %(id)s") % {"id": self.id}


class AttachmentStatusEvent(models.Model):
    """Something that happened to an attachment. Rows are added, never changed."""

    attachment = models.ForeignKey(Attachment, on_delete=models.CASCADE, related_name="events")
    status = models.PositiveSmallIntegerField(_("status"), choices=IN_WORDS)
    text = models.TextField(_("text"))
    at = models.DateTimeField(_("at"))
    party = models.CharField(_("acting party"), max_length=1024, blank=True)  # empty: the service itself

    objects = AttachmentStatusEventQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name = _("event")
        verbose_name_plural = _("history")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=AttachmentStatus.values), name="attachment_event_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{AttachmentStatus(self.status).label} at {self.at}"


class CleaningDay(models.Model):
    """What the cleaning did on one day (UTC), added up as it goes."""

    day = models.DateField(_("day"), primary_key=True)
    dead_uploads = models.PositiveBigIntegerField(_("uploads that died"), default=0)
    expired = models.PositiveBigIntegerField(_("attachments that expired"), default=0)
    files_removed = models.PositiveBigIntegerField(_("files removed of attachments that are gone"), default=0)
    orphans_removed = models.PositiveBigIntegerField(_("files removed that belonged to none"), default=0)

    class Meta:
        ordering = ("-day",)
        verbose_name = _("cleaning day")
        verbose_name_plural = _("cleaning days")

    def __str__(self) -> str:
        return str(self.day)
