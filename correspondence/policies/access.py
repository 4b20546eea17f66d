"""Who may see a correspondence (contract access.md §4 and §5)."""

from config.kernel.caller import Caller
from correspondence.errors import CorrespondenceNotFound
from correspondence.models import Correspondence
from correspondence.statuses import AVAILABLE
from recipients.parties import receives_for
from registry.errors import NoAccess
from registry.policies import can_send_at_all, can_send_for


def check_is_sender(caller: Caller, correspondence: Correspondence) -> None:
    """The caller may act for the owner that sent it.

    Raises:
        NoAccess: it may not.
    """
    if not can_send_for(caller, correspondence.mailing.owner):
        raise NoAccess


def check_is_a_sender(caller: Caller) -> None:
    """The caller sends for somebody: asked before a form's files are stored, whatever they are for.

    Raises:
        NoAccess: it sends for nobody.
    """
    if not can_send_at_all(caller):
        raise NoAccess


def check_is_recipient(caller: Caller, correspondence: Correspondence) -> None:
    """It is addressed to the caller.

    Raises:
        NoAccess: it is not.
    """
    if not receives_for(caller, correspondence.recipient):
        raise NoAccess


def check_is_available(correspondence: Correspondence) -> None:
    """Recipients may see it (contract lifecycle.md §2).

    Raises:
        CorrespondenceNotFound: not yet, or no longer.
    """
    if correspondence.status not in AVAILABLE:
        raise CorrespondenceNotFound
