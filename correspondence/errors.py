"""Faults of a correspondence: the contract's catalogue (contract validation.md §4 and §7).

CORR-01019 to 01022, 01037, 01042 and 01003 are not here: the schema answers before their rules could.
"""

from config.kernel.errors import DomainError


class CorrespondenceNotFound(DomainError):
    """No correspondence with this id."""

    code = 1001
    status = 404
    text = "There is no correspondence with this id to be seen: none at all, one that is not out, or that was deleted."


class TitleNotPlainText(DomainError):
    """A title that would be read as markup."""

    code = 1002
    text = "messageTitle must be plain text; it holds {markup}."


class FilesAndMetadataDiffer(DomainError):
    """Files of a request and the metadata that describes them do not pair."""

    code = 1005
    text = "content.attachments describes {count} files, and the request brings {files}. {advice}"


class RecipientRepeated(DomainError):
    """A recipient that is listed twice."""

    code = 1006
    text = "recipients[{second}] is the same recipient as recipients[{first}]."


class DueDatePassed(DomainError):
    """A due date before now."""

    code = 1008
    text = "dueDateTime {due} has passed."


class DueBeforePublishing(DomainError):
    """A due date before the requested publish time."""

    code = 1009
    text = "dueDateTime {due} lies before requestedPublishTime {publish}."


class SenderCanNotPurge(DomainError):
    """A purge by the sender of what is out."""

    code = 1013
    text = "The sender cannot delete the correspondence any more: it is {status}."


class AlreadyPurged(DomainError):
    """A purge of what is purged."""

    code = 1014
    text = "The correspondence was deleted before."


class DueDateMissing(DomainError):
    """A confirmation is wanted, and no date for it is given."""

    code = 1016
    text = "isConfirmationNeeded demands a dueDateTime."


class LanguageNotSupported(DomainError):
    """A language other than nb, nn and en."""

    code = 1023
    text = "content.language {language} is not supported; nb, nn and en are."


class ReadBeforeFetched(DomainError):
    """Marked as read, and nobody has fetched it."""

    code = 1024
    text = "The correspondence was never fetched: fetch it before it is marked as read."


class ConfirmedBeforeFetched(DomainError):
    """Confirmed, and nobody has fetched it."""

    code = 1025
    text = "The correspondence was never fetched: fetch it before it is confirmed."


class ConfirmBeforePurge(DomainError):
    """Purged by the recipient, and not confirmed as it must be."""

    code = 1026
    text = "The correspondence must be confirmed before it can be deleted."


class FromAfterTo(DomainError):
    """A search between two moments in the wrong order."""

    code = 1027
    text = "from {start} lies after to {end}."


class RecipientsNotFound(DomainError):
    """Recipients that the register does not know, or not by name."""

    code = 1029
    status = 404
    text = "recipients[{index}] was not found in the register{why}."


class RecipientReserved(DomainError):
    """The only recipient is a person who wants no digital post."""

    code = 1030
    status = 422
    text = "The recipient has reserved against digital post; ignoreReservation sends it all the same."


class IdempotencyKeyUsed(DomainError):
    """A key that the owner has used before."""

    code = 1034
    status = 409
    text = "A correspondence was already made with this idempotentKey; GET /correspondence finds it by the key."


class BadReplyLink(DomainError):
    """A reply link that is not an https URI of at most 255 characters."""

    code = 1035
    text = "replyOptions[{index}].linkURL must be a well-formed https URI of at most 255 characters."


class SenderNotPlainText(DomainError):
    """A sender's name that would be read as markup."""

    code = 1039
    text = "messageSender must be plain text; it holds {markup}."


class AlreadyRead(DomainError):
    """Marked as read again."""

    code = 1040
    text = "The correspondence was read before."


class AlreadyConfirmed(DomainError):
    """Confirmed again."""

    code = 1041
    text = "The correspondence was confirmed before."


class TransmissionNotPurged(DomainError):
    """A purge of what is part of a dialog."""

    code = 1043
    text = "The correspondence is a transmission of a dialog and cannot be deleted by itself."


class RecipientLacksRole(DomainError):
    """A confidential letter and an organisation without the role for it."""

    code = 1044
    text = "recipients[{index}] lacks the role that confidential correspondence of this resource demands."


class TransmissionHasOneRecipient(DomainError):
    """A dialog and several recipients."""

    code = 1045
    text = "A correspondence that refers to a dialog has one recipient; {count} are listed."


class KeyWorksWithOneRecipient(DomainError):
    """An idempotency key and several recipients."""

    code = 1047
    text = "idempotentKey works with one recipient only; {count} are listed."


class DialogIdNotUuid(DomainError):
    """A dialog id that is no UUID."""

    code = 1048
    text = "externalReferences[{index}].referenceValue must be the UUID of a dialog."


class TransmissionCannotAct(DomainError):
    """A dialog together with what a transmission cannot carry."""

    code = 1051
    text = "A correspondence that refers to a dialog cannot carry {what}."


class SeveralTransmissionTypes(DomainError):
    """More than one transmission type."""

    code = 1052
    text = "externalReferences may hold one DialogportenTransmissionType; {count} are given."


class TransmissionTypeWithoutDialog(DomainError):
    """A transmission type, and no dialog that it belongs to."""

    code = 1053
    text = "A DialogportenTransmissionType demands a DialogportenDialogId."


class ConfidentialityMissing(DomainError):
    """A confidential resource and an open letter."""

    code = 1060
    text = "The resource {resource} is confidential: isConfidential must be true."


class ResourceNotConfidential(DomainError):
    """A confidential letter and an open resource."""

    code = 1061
    text = "isConfidential is true, but the resource {resource} is not confidential."


class ForwardingNotPossible(DomainError):
    """Forwarding, and a resource that demands an authentication level."""

    code = 1068
    text = "allowForwarding is not possible: the resource {resource} demands authentication level {level}."


class TemplateUnknown(DomainError):
    """A number that is no notification template."""

    code = 3023
    text = "notification.notificationTemplate {number} is no template."
