"""Faults of attachments (contract validation.md §4 and §5)."""

from config.kernel.errors import DomainError


class ExistingAttachmentNotFound(DomainError):
    """An existing attachment that is not there."""

    code = 1007
    text = "There is no attachment {attachment}."


class AttachmentOfAnotherSender(DomainError):
    """An existing attachment that another owner uploaded."""

    code = 1017
    text = "The attachment {attachment} belongs to another sender."


class AttachmentNotPublished(DomainError):
    """An existing attachment that cannot be sent, as it is."""

    code = 1018
    text = "The attachment {attachment} is {status}, not Published."


class TooManyAttachments(DomainError):
    """More attachments than one correspondence bears."""

    code = 1038
    text = "A correspondence has at most {limit} attachments; {count} are given."


class AttachmentAboutToExpire(DomainError):
    """An existing attachment that would be gone before it is read."""

    code = 1055
    text = "The attachment {attachment} expires at {at}, which is too soon to send it."


class TooLargeToForward(DomainError):
    """More bytes than a forwarded e-mail bears."""

    code = 1069
    text = "allowForwarding is possible up to {limit:,} bytes of attachments; these have {size:,}."


class AttachmentNotFound(DomainError):
    """No attachment with this id."""

    code = 2001
    status = 404
    text = "There is no attachment with this id."


class AttachmentHasNoBytes(AttachmentNotFound):
    """An attachment that was not uploaded, or is not released yet."""

    text = "The attachment is {status}: there is nothing to download."


class StorageFailed(DomainError):
    """The bytes could not be stored, or not be fetched."""

    code = 2002
    status = 502
    text = "The storage of attachments failed: {reason}"


class UploadBrokeOff(StorageFailed):
    """A body that ended before its end."""

    text = "The upload broke off after {size:,} bytes."


class UploadTakenForDead(StorageFailed):
    """An upload that was given up while it went on."""

    text = "The upload was taken for dead while its bytes came in. Initialize a new attachment."


class UploadOutcomeUnknown(StorageFailed):
    """All bytes are stored, and nobody knows whether a row says so."""

    text = "The bytes are stored, but the database cannot be reached: ask how the attachment stands before you go on."


class InvalidFileSize(DomainError):
    """A file that is empty, or larger than may be."""

    code = 2004
    text = "A file has 1 to {limit:,} bytes; {what}."


class UploadAlreadyStarted(DomainError):
    """An attachment whose upload was started before, with whatever end."""

    code = 2005
    text = "The attachment is {status}: it was uploaded before. Initialize a new attachment."


class AlreadyPurged(DomainError):
    """An attachment that was deleted before."""

    code = 2006
    text = "The attachment was deleted before."


class AttachmentInUse(DomainError):
    """An attachment that a correspondence holds."""

    code = 2007
    text = "The attachment belongs to a correspondence and cannot be deleted."


class ChecksumDiffers(DomainError):
    """Bytes that are not those that were announced."""

    code = 2008
    text = "The MD5 of {what} is {actual}; checksum says {announced}."


class FileNameEmpty(DomainError):
    """A file without a name."""

    code = 2010
    text = "fileName must have a value."


class FileNameHasForbiddenCharacter(DomainError):
    """A name that some system would read as more than a name."""

    code = 2012
    text = "fileName must not hold {character}."


class FileTypeNotAllowed(DomainError):
    """A name whose end is no type that may be sent."""

    code = 2013
    text = "fileName must end in one of {allowed}."


class SenderDownloadClosed(DomainError):
    """A file that has gone out: it is the recipients' now."""

    code = 2016
    text = "The attachment belongs to a correspondence that was published; its sender cannot download it any more."


class ExpiresTooSoon(DomainError):
    """Fewer days than a recipient is to have."""

    code = 2017
    text = "expirationInDays must be at least {least}."


class AttachmentExpired(DomainError):
    """An attachment that cannot be deleted: it expired."""

    code = 2018
    text = "The attachment has expired."


class DownloadOfPurged(DomainError):
    """A deleted attachment."""

    code = 2019
    text = "The attachment was deleted."


class DownloadOfExpired(DomainError):
    """An expired attachment."""

    code = 2020
    text = "The attachment has expired."


class FileNameReserved(DomainError):
    """The name of a device."""

    code = 2021
    text = "fileName must not be {name}, which some systems keep for a device."


class UploadTooSlow(DomainError):
    """A body that came in too slowly."""

    code = 2022
    status = 408
    text = "{reason}"


class WrongResourceTypeForAttachment(DomainError):
    """A resource that cannot hold attachments."""

    code = 4009
    text = "The resource {resource} is of type {type}, which cannot hold attachments."
