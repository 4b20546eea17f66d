"""Which codes each endpoint may answer, as the OpenAPI document tells them; tests hold every answer against it."""

from attachments import errors
from registry.errors import CallerUnknown, NoAccess, ResourceNotFound

SEE = (errors.AttachmentNotFound, NoAccess)
INITIALIZE = (
    ResourceNotFound,
    CallerUnknown,
    NoAccess,
    errors.WrongResourceTypeForAttachment,
    errors.FileNameEmpty,
    errors.FileNameHasForbiddenCharacter,
    errors.FileTypeNotAllowed,
    errors.FileNameReserved,
    errors.ExpiresTooSoon,
)
UPLOAD = (
    *SEE,
    errors.InvalidFileSize,
    errors.UploadAlreadyStarted,
    errors.ChecksumDiffers,
    errors.UploadTooSlow,
    errors.StorageFailed,
)
DELETE = (*SEE, errors.AlreadyPurged, errors.AttachmentInUse, errors.AttachmentExpired)
DOWNLOAD = (
    *SEE,
    errors.SenderDownloadClosed,
    errors.DownloadOfPurged,
    errors.DownloadOfExpired,
    errors.StorageFailed,
)
