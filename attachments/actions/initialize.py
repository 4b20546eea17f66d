"""Register a file that will be uploaded by itself."""

from datetime import datetime

from django.db import transaction

from attachments import errors, policies
from attachments.actions.create import new_attachment
from attachments.actions.record import record
from attachments.drafts import AttachmentDraft
from attachments.models import Attachment
from attachments.statuses import AttachmentStatus
from config.kernel.caller import Caller
from registry.acting import acting_party
from registry.errors import CallerUnknown, NoAccess, ResourceNotFound
from registry.models import Resource
from registry.policies import can_send_for


def initialize(*, draft: AttachmentDraft, caller: Caller, now: datetime) -> Attachment:
    """A row that waits for its bytes.

    Raises:
        DomainError: the first rule that fails, in the contract's order (validation.md §5); nothing is stored then.
    """
    resource = _resource_for(draft, caller)
    if fault := policies.file_name_fault(draft.file.file_name, "fileName"):
        raise fault
    if fault := policies.expiry_fault(draft.file, "expirationInDays"):
        raise fault
    attachment = new_attachment(draft.file, resource=resource, party=acting_party(caller, resource.owner), now=now)
    with transaction.atomic():
        record(attachment, AttachmentStatus.INITIALIZED, now, party=attachment.created_by)
    return attachment


def _resource_for(draft: AttachmentDraft, caller: Caller) -> Resource:
    resource = Resource.objects.with_owner().filter(pk=draft.resource_id).first()
    if resource is None:
        raise ResourceNotFound("resourceId", resource=draft.resource_id)
    if not caller.is_known:
        raise CallerUnknown
    if not can_send_for(caller, resource.owner, resource.pk):
        raise NoAccess("resourceId")
    if resource.type not in policies.HOLDERS:
        raise errors.WrongResourceTypeForAttachment("resourceId", resource=resource.pk, type=resource.type)
    return resource
