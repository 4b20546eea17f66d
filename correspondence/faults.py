"""Which codes each endpoint may answer, as the OpenAPI document tells them; tests hold every answer against it."""

from attachments import errors as files
from correspondence import errors
from registry.errors import CallerUnknown, LevelTooLow, NoAccess, ResourceNotFound, WrongResourceType

SEE = (errors.CorrespondenceNotFound, NoAccess, LevelTooLow)
SEARCH = (errors.FromAfterTo, CallerUnknown, NoAccess, LevelTooLow)
MARK_AS_READ = (*SEE, errors.ReadBeforeFetched, errors.AlreadyRead)
CONFIRM = (*SEE, errors.ConfirmedBeforeFetched, errors.AlreadyConfirmed)
PURGE = (
    *SEE,
    errors.SenderCanNotPurge,
    errors.AlreadyPurged,
    errors.ConfirmBeforePurge,
    errors.TransmissionNotPurged,
)
DOWNLOAD = (
    *SEE,
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
