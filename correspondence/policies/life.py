"""What may happen to a correspondence that a caller can reach, each check in its turn (contract lifecycle.md §3)."""

from correspondence import errors
from correspondence.models import Correspondence, Mailing
from correspondence.policies.access import check_is_available
from correspondence.statuses import PURGED, TRANSITIONS, ReferenceType, Status


def check_was_not_purged(correspondence: Correspondence) -> None:
    """Nobody has deleted it, whatever its current status.

    Raises:
        CorrespondenceNotFound: somebody has.
    """
    if correspondence.has_been(*PURGED):
        raise errors.CorrespondenceNotFound


def check_can_be_marked_as_read(correspondence: Correspondence) -> None:
    """It is available, was fetched by somebody, and not read.

    Raises:
        CorrespondenceNotFound, ReadBeforeFetched, AlreadyRead: it is not so.
    """
    check_is_available(correspondence)
    if not correspondence.has_been(Status.FETCHED):
        raise errors.ReadBeforeFetched
    if correspondence.has_been(Status.READ):
        raise errors.AlreadyRead


def check_can_be_confirmed(correspondence: Correspondence) -> None:
    """It is available, was fetched by somebody, and not confirmed. Nobody need have asked for it, nor read it.

    Raises:
        CorrespondenceNotFound, ConfirmedBeforeFetched, AlreadyConfirmed: it is not so.
    """
    check_is_available(correspondence)
    if not correspondence.has_been(Status.FETCHED):
        raise errors.ConfirmedBeforeFetched
    if correspondence.has_been(Status.CONFIRMED):
        raise errors.AlreadyConfirmed


def check_is_no_transmission(mailing: Mailing) -> None:
    """It does not belong to a dialog.

    Raises:
        TransmissionNotPurged: it does.
    """
    if any(entry["type"] == ReferenceType.DialogportenDialogId.name for entry in mailing.external_references):
        raise errors.TransmissionNotPurged


def check_is_purged_once(correspondence: Correspondence) -> None:
    """It was not purged before, by whomever.

    Raises:
        AlreadyPurged: it was.
    """
    if correspondence.has_been(*PURGED):
        raise errors.AlreadyPurged


def check_sender_can_purge(correspondence: Correspondence) -> None:
    """It is not out, or has failed.

    Raises:
        SenderCanNotPurge: it is out.
    """
    if correspondence.status not in TRANSITIONS[Status.PURGED_BY_ALTINN]:
        raise errors.SenderCanNotPurge(status=Status(correspondence.status).label)


def check_recipient_can_purge(correspondence: Correspondence) -> None:
    """It is available, and confirmed where that is demanded.

    Raises:
        CorrespondenceNotFound, ConfirmBeforePurge: it is not so.
    """
    check_is_available(correspondence)
    if correspondence.mailing.is_confirmation_needed and not correspondence.has_been(Status.CONFIRMED):
        raise errors.ConfirmBeforePurge
