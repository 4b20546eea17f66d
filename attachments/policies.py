"""What may happen to an attachment now, and which files may be sent (contract validation.md §5, access.md §5)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from unicodedata import category

from django.conf import settings
from django.utils.translation import gettext

from attachments import errors
from attachments.drafts import FileDraft, StoredFile
from attachments.models import Attachment
from attachments.statuses import GONE, AttachmentStatus
from attachments.usage import usage
from config.kernel.caller import Caller
from config.kernel.errors import DomainError
from registry.errors import NoAccess
from registry.policies import can_send_for
from registry.statuses import ResourceType

HOLDERS = frozenset({ResourceType.CORRESPONDENCE_SERVICE, ResourceType.GENERIC_ACCESS_RESOURCE})
EXPIRES_SOON = timedelta(hours=6)
_EXTENSIONS = (
    *("doc", "xls", "docx", "xlsx", "ppt", "pps", "zip", "pdf", "html", "txt", "xml", "jpg", "jpeg"),
    *("gif", "bmp", "png", "json", "csv", "dcm", "dicom"),
)
_FORBIDDEN = frozenset('<>:"/\\|?*')
# Beside the contract's characters those that nobody sees: controls, what turns the direction of reading, line ends.
_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp"})
_DEVICES = frozenset(
    {
        "CON",
        "CONIN$",
        "CONOUT$",
        "PRN",
        "AUX",
        "NUL",
        *(f"{name}{n}" for name in ("COM", "LPT") for n in "123456789¹²³"),
    }
)


def check_is_sender(caller: Caller, attachment: Attachment) -> None:
    """The caller may act for the attachment's owner, as far as its resource goes.

    Raises:
        NoAccess: it may not.
    """
    if not can_send_for(caller, attachment.owner, attachment.resource_id):
        raise NoAccess


def file_name_fault(file_name: str, path: str) -> DomainError | None:
    """The first rule that the name breaks (contract validation.md §5); None if it may be sent."""
    _, dot, extension = file_name.rpartition(".")
    if not file_name.strip():
        return errors.FileNameEmpty(path)
    if not dot or extension.lower() not in _EXTENSIONS:
        return errors.FileTypeNotAllowed(path, allowed=", ".join(_EXTENSIONS))
    found = next((letter for letter in file_name if letter in _FORBIDDEN or category(letter) in _INVISIBLE), None)
    if found is not None:
        return errors.FileNameHasForbiddenCharacter(path, character=_named(found))
    if (first := file_name.partition(".")[0].strip().upper()) in _DEVICES:
        return errors.FileNameReserved(path, name=first)
    return None


def _named(character: str) -> str:
    return character if "!" <= character <= "~" else f"the character U+{ord(character):04X}"


def expiry_fault(draft: FileDraft, path: str) -> DomainError | None:
    """A file that would be gone too soon; None if its days will do."""
    days = draft.expiration_in_days
    if days is None or days >= settings.MIN_EXPIRATION_DAYS:
        return None
    return errors.ExpiresTooSoon(path, least=settings.MIN_EXPIRATION_DAYS)


def check_can_be_uploaded(attachment: Attachment) -> None:
    """Its upload was never started. So it is linked to nothing either: CORR-02003 has no case of its own.

    Raises:
        UploadAlreadyStarted: it was.
    """
    if attachment.status != AttachmentStatus.INITIALIZED:
        raise errors.UploadAlreadyStarted(status=AttachmentStatus(attachment.status).label)


def checksum_fault(announced: str, stored: StoredFile, *, what: str, path: str = "") -> DomainError | None:
    """Bytes that are not those that were announced; None where they are, or nothing was."""
    if not announced.strip() or announced.lower() == stored.checksum:
        return None
    return errors.ChecksumDiffers(path, what=what, actual=stored.checksum, announced=announced)


def check_can_be_purged(attachment: Attachment) -> None:
    """Neither gone nor in use.

    Raises:
        AlreadyPurged, AttachmentExpired, AttachmentInUse: it is.
    """
    if attachment.status == AttachmentStatus.PURGED:
        raise errors.AlreadyPurged
    if attachment.status == AttachmentStatus.EXPIRED:
        raise errors.AttachmentExpired
    if usage().is_linked(attachment.pk):
        raise errors.AttachmentInUse


def check_is_not_gone(attachment: Attachment, expires_at: datetime | None, now: datetime) -> None:
    """It has not been taken away.

    Raises:
        DownloadOfPurged, DownloadOfExpired: it has.
    """
    if attachment.status == AttachmentStatus.PURGED:
        raise errors.DownloadOfPurged
    if attachment.status == AttachmentStatus.EXPIRED or (expires_at is not None and expires_at <= now):
        raise errors.DownloadOfExpired


def check_has_bytes(attachment: Attachment) -> None:
    """There is something to download.

    Raises:
        AttachmentHasNoBytes: it is not uploaded, not scanned, or failed.
    """
    if attachment.status != AttachmentStatus.PUBLISHED:
        raise errors.AttachmentHasNoBytes(status=AttachmentStatus(attachment.status).label)


def check_sender_can_download(attachment: Attachment, now: datetime) -> None:
    """It has bytes, and has not gone out.

    Raises:
        DownloadOfPurged, DownloadOfExpired, SenderDownloadClosed, AttachmentHasNoBytes: it may not.
    """
    check_is_not_gone(attachment, usage().last_expiries([attachment.pk]).get(attachment.pk), now)
    check_has_bytes(attachment)
    if usage().was_published(attachment.pk):
        raise errors.SenderDownloadClosed


def explanation(attachment: Attachment) -> str:
    """One sentence for caseworkers, in their language, about what the attachment waits for."""
    match AttachmentStatus(attachment.status):
        case AttachmentStatus.INITIALIZED:
            return gettext("The sender has not uploaded its bytes yet.")
        case AttachmentStatus.UPLOAD_PROCESSING if not attachment.storage_key:
            return gettext("Its bytes are coming in. If the upload has died, it fails within some minutes.")
        case AttachmentStatus.UPLOAD_PROCESSING if attachment.last_error:
            text = gettext("The malware scanner could not judge it yet, and is asked again. Last error: %(error)s")
            return text % {"error": attachment.last_error}
        case AttachmentStatus.UPLOAD_PROCESSING:
            return gettext("It waits for the malware scanner. If this lasts over a minute, no worker is running.")
        case AttachmentStatus():
            return gettext("Nothing left to do.")


def overdue(attachments: list[Attachment], now: datetime) -> Iterator[Attachment]:
    """Those of the attachments that every link has outlived: one link without an end keeps one for ever."""
    expiries = usage().last_expiries([attachment.pk for attachment in attachments])
    for attachment in attachments:
        last = expiries.get(attachment.pk)
        if attachment.status not in GONE and last is not None and last <= now:
            yield attachment
