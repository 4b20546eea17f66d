"""The rules of initialize that are about files, in their order (contract validation.md §4, rows 31 to 40 and 49)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from django.conf import settings

from attachments import errors as file_errors
from attachments import policies as file_policies
from attachments.drafts import NewAttachments
from attachments.statuses import AttachmentStatus
from config.kernel import wire_time
from config.kernel.errors import DomainError
from correspondence import errors
from correspondence.policies.attempt import Attempt, Rule
from correspondence.usage import CorrespondenceUsage

MOST_ATTACHMENTS = 100
MOST_BYTES_TO_FORWARD = 10_000_000
_MOST_NAMES, _LONGEST_NAME = 3, 255  # how many names are echoed, and how many characters of each
_EXISTING, _METADATA = "existingAttachments[{}]", "correspondence.content.attachments[{}]"


def existing_belong_to_the_owner(attempt: Attempt) -> Iterator[DomainError]:
    """Row 31."""
    for index, attachment in attempt.existing:
        if attachment.owner_id != attempt.resource.owner_id:
            yield file_errors.AttachmentOfAnotherSender(_EXISTING.format(index), attachment=attachment.pk)


def existing_are_known(attempt: Attempt) -> Iterator[DomainError]:
    """Row 32."""
    for index, attachment_id in enumerate(attempt.draft.existing_attachments):
        if attachment_id not in attempt.attachments:
            yield file_errors.ExistingAttachmentNotFound(_EXISTING.format(index), attachment=attachment_id)


def attachments_are_not_too_many(attempt: Attempt) -> Iterator[DomainError]:
    """Row 33."""
    new = attempt.draft.new_attachments
    count = len(attempt.draft.existing_attachments) + max(len(new.drafts), len(new.files))
    if count > MOST_ATTACHMENTS:
        yield file_errors.TooManyAttachments("existingAttachments", limit=MOST_ATTACHMENTS, count=count)


def existing_are_published(attempt: Attempt) -> Iterator[DomainError]:
    """Row 34; asked again inside the transaction, of locked rows."""
    for index, attachment in attempt.existing:
        if attachment.status != AttachmentStatus.PUBLISHED:
            status = AttachmentStatus(attachment.status).label
            yield file_errors.AttachmentNotPublished(_EXISTING.format(index), attachment=attachment.pk, status=status)


def forwarded_files_are_small(attempt: Attempt) -> Iterator[DomainError]:
    """Row 35."""
    size = sum(attachment.size or 0 for _, attachment in attempt.existing) + attempt.draft.new_attachments.size
    if attempt.draft.allow_forwarding and size > MOST_BYTES_TO_FORWARD:
        yield file_errors.TooLargeToForward("correspondence.allowForwarding", limit=MOST_BYTES_TO_FORWARD, size=size)


def new_files_may_be_sent(attempt: Attempt) -> Iterator[DomainError]:
    """Row 36."""
    for index, draft in enumerate(attempt.draft.new_attachments.drafts):
        if fault := file_policies.file_name_fault(draft.file_name, f"{_METADATA.format(index)}.fileName"):
            yield fault


def files_pair_with_metadata(attempt: Attempt) -> Iterator[DomainError]:
    """Row 37."""
    new = attempt.draft.new_attachments
    if new.pairs() is None:
        yield errors.FilesAndMetadataDiffer(
            "correspondence.content.attachments",
            count=len(new.drafts),
            files=len(new.files) or "none",
            advice=_pairing_advice(new),
        )


def _pairing_advice(new: NewAttachments) -> str:
    if not new.files:
        return (
            "Files come as parts named attachments in a form to /correspondence/api/v1/correspondence/upload, the "
            "filename of each the fileName of its entry; or are uploaded beforehand and named in existingAttachments."
        )
    described, sent = Counter(draft.file_name for draft in new.drafts), Counter(file.name for file in new.files)
    if missing := described - sent:
        return f"No part named attachments has the filename {_some(missing)} of an entry."
    if unknown := sent - described:
        return f"No entry is left for the file {_some(unknown)}."
    return "Files of the same name must come in the order of their entries."


def _some(names: Iterable[str]) -> str:
    return ", ".join(name[:_LONGEST_NAME] for name in islice(names, _MOST_NAMES))


def files_have_bytes(attempt: Attempt) -> Iterator[DomainError]:
    """Row 38; a file over the limit never gets this far."""
    for index, file in enumerate(attempt.draft.new_attachments.files):
        if file.size == 0:
            limit = settings.MAX_FORM_FILE_BYTES
            yield file_errors.InvalidFileSize(f"attachments[{index}]", limit=limit, what=f"{file.name} is empty")


def new_files_last(attempt: Attempt) -> Iterator[DomainError]:
    """Row 39."""
    for index, draft in enumerate(attempt.draft.new_attachments.drafts):
        if fault := file_policies.expiry_fault(draft, f"{_METADATA.format(index)}.expirationInDays"):
            yield fault


def existing_last(attempt: Attempt) -> Iterator[DomainError]:
    """Row 40."""
    places = {attachment.pk: index for index, attachment in attempt.existing}
    if not places:
        return
    expiries = CorrespondenceUsage().last_expiries(places) if attempt.expiries is None else attempt.expiries
    for attachment_id, at in expiries.items():
        if attachment_id in places and at <= attempt.now + file_policies.EXPIRES_SOON:
            path = _EXISTING.format(places[attachment_id])
            yield file_errors.AttachmentAboutToExpire(path, attachment=attachment_id, at=wire_time.write(at))


def checksums_agree(attempt: Attempt) -> Iterator[DomainError]:
    """Row 49, as far as it is the sender's fault."""
    for index, (draft, file) in enumerate(attempt.draft.new_attachments.pairs() or ()):
        path = f"{_METADATA.format(index)}.checksum"
        if fault := file_policies.checksum_fault(draft.checksum, file, what=file.name, path=path):
            yield fault


RULES: tuple[Rule, ...] = (
    existing_belong_to_the_owner,
    existing_are_known,
    attachments_are_not_too_many,
    existing_are_published,
    forwarded_files_are_small,
    new_files_may_be_sent,
    files_pair_with_metadata,
    files_have_bytes,
    new_files_last,
    existing_last,
)
