"""Which codes each endpoint may answer, as the OpenAPI document tells them; tests hold every answer against it."""

from attachments import errors as files
from correspondence import errors
from registry.errors import CallerUnknown, LevelTooLow, NoAccess, ResourceNotFound, WrongResourceType

_NOT_YOURS = (errors.CorrespondenceNotFound, NoAccess, LevelTooLow)

SEARCH = (errors.FromAfterTo, CallerUnknown, NoAccess, LevelTooLow)
SEE = _NOT_YOURS
MARK_AS_READ = (*_NOT_YOURS, errors.ReadBeforeFetched, errors.AlreadyRead)
CONFIRM = (*_NOT_YOURS, errors.ConfirmedBeforeFetched, errors.AlreadyConfirmed)
PURGE = (
    *_NOT_YOURS,
    errors.SenderCanNotPurge,
    errors.AlreadyPurged,
    errors.ConfirmBeforePurge,
    errors.TransmissionNotPurged,
)
DOWNLOAD = (
    *_NOT_YOURS,
    files.AttachmentNotFound,
    files.DownloadOfPurged,
    files.DownloadOfExpired,
    files.StorageFailed,
)
INITIALIZE = (
    errors.TitleNotPlainText,
    errors.FilesAndMetadataDiffer,
    errors.RecipientRepeated,
    files.ExistingAttachmentNotFound,
    errors.DueDatePassed,
    errors.DueBeforePublishing,
    errors.DueDateMissing,
    files.AttachmentOfAnotherSender,
    files.AttachmentNotPublished,
    errors.LanguageNotSupported,
    errors.RecipientsNotFound,
    errors.RecipientReserved,
    errors.IdempotencyKeyUsed,
    errors.BadReplyLink,
    ResourceNotFound,
    files.TooManyAttachments,
    errors.SenderNotPlainText,
    errors.RecipientLacksRole,
    errors.TransmissionHasOneRecipient,
    errors.KeyWorksWithOneRecipient,
    errors.DialogIdNotUuid,
    errors.TransmissionCannotAct,
    errors.SeveralTransmissionTypes,
    errors.TransmissionTypeWithoutDialog,
    files.AttachmentAboutToExpire,
    errors.ConfidentialityMissing,
    errors.ResourceNotConfidential,
    errors.ForwardingNotPossible,
    files.TooLargeToForward,
    errors.TemplateUnknown,
    NoAccess,
    CallerUnknown,
    WrongResourceType,
)
INITIALIZE_WITH_FILES = (
    *INITIALIZE,
    files.StorageFailed,
    files.InvalidFileSize,
    files.ChecksumDiffers,
    files.FileNameEmpty,
    files.FileNameHasForbiddenCharacter,
    files.FileTypeNotAllowed,
    files.ExpiresTooSoon,
    files.FileNameReserved,
    files.UploadTooSlow,
)
