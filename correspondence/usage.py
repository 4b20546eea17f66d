"""Where attachments are used: the answers that attachments ask of the app above them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Max, Q

from correspondence.models import Correspondence, MailingAttachment, StatusEvent
from correspondence.statuses import Status


class CorrespondenceUsage:
    """An attachments.usage.Usage; registered when the app is ready."""

    def correspondence_ids(self, attachment_id: UUID) -> Sequence[UUID]:
        """Every correspondence that carries the attachment, in the order in which they were made."""
        carrying = Correspondence.objects.filter(mailing__attachments__attachment=attachment_id)
        return list(carrying.order_by("pk").values_list("pk", flat=True))

    def is_linked(self, attachment_id: UUID) -> bool:
        """Whether any correspondence carries it, of whatever status."""
        return MailingAttachment.objects.filter(attachment=attachment_id).exists()

    def was_published(self, attachment_id: UUID) -> bool:
        """Whether one that carries it was ever published."""
        carrying = Q(correspondence__mailing__attachments__attachment=attachment_id)
        return StatusEvent.objects.filter(carrying, status=Status.PUBLISHED).exists()

    def unused_among(self, attachment_ids: Collection[UUID]) -> set[UUID]:
        """Those that were linked, and are used by no letter any more that somebody could open."""
        links = MailingAttachment.objects.filter(attachment__in=attachment_ids)
        used = set(links.in_use().values_list("attachment", flat=True))
        return set(links.values_list("attachment", flat=True)) - used

    def last_expiries(self, attachment_ids: Collection[UUID]) -> Mapping[UUID, datetime]:
        """When the last link in use to each of them expires; those that have none or never expire are left out."""
        links = (
            MailingAttachment.objects.in_use()
            .filter(attachment__in=attachment_ids)
            .values("attachment")
            .annotate(last=Max("expiration_time"), ending=Count("expiration_time"), links=Count("pk"))
            .filter(ending=F("links"))
        )
        return {row["attachment"]: row["last"] for row in links}
