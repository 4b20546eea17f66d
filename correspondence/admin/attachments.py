"""What an attachment's page shows of the mailings that carry it, which it cannot know by itself (design §2)."""

from collections.abc import Sequence

from django.http import HttpRequest

from attachments.admin import AttachmentAdmin, Carrier
from attachments.models import Attachment
from config.kernel.back_office import page_address
from config.kernel.masking import mask_person_numbers
from correspondence.models import MailingAttachment
from registry.policies import visible_owners

MOST_MAILINGS = 100


def carriers(request: HttpRequest, attachment: Attachment) -> Sequence[Carrier]:
    """The newest mailings of the owners that the user sees."""
    links = MailingAttachment.objects.filter(attachment=attachment).select_related("mailing").order_by("-mailing")
    owners = visible_owners(request.user)
    if owners is not None:
        links = links.filter(mailing__owner__in=owners)
    return [_carrier(request, link) for link in links.defer("mailing__body")[:MOST_MAILINGS]]


def _carrier(request: HttpRequest, link: MailingAttachment) -> Carrier:
    mailing = link.mailing
    return Carrier(
        address=page_address(request, mailing),
        name=mask_person_numbers(mailing.title) or str(mailing.pk),
        sent_at=mailing.created_at,
        letters=mailing.recipient_count,
        expires_at=link.expiration_time,
    )


AttachmentAdmin.carriers.append(carriers)
