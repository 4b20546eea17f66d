"""Who may see a correspondence, and as what (contract access.md §4 and §5)."""

from dataclasses import dataclass

from attachments.models import Attachment
from config.kernel import scopes
from config.kernel.caller import Caller
from correspondence.errors import CorrespondenceNotFound
from correspondence.models import Correspondence
from correspondence.statuses import AVAILABLE, PURGED, Status
from registry.errors import NoAccess
from registry.models import Resource
from registry.policies import can_read_for, can_send_at_all, can_send_for, check_level


@dataclass(frozen=True, slots=True)
class Access:
    """What a caller is to a correspondence: its sender, its recipient, or both; and what its scopes say it acts as."""

    as_sender: bool
    as_recipient: bool
    scope_sends: bool
    scope_receives: bool

    @property
    def acts_as_sender(self) -> bool:
        """Whether it looks at what it has sent, which leaves no trace; else it receives (contract lifecycle.md §3).

        A recipient is not made a sender by its scope alone, as in the original: it would see what is not out yet.
        """
        return self.as_sender and (self.scope_sends or not self.as_recipient)

    @property
    def purges_as_sender(self) -> bool:
        """Whether a purge may be tried as sender (contract lifecycle.md §3, purge role)."""
        return self.as_sender and (self.scope_sends or not self._purge_is_decided)

    @property
    def purges_as_recipient(self) -> bool:
        """Whether a purge may be tried as recipient, after the sender's way where both are open."""
        return self.as_recipient and (self.scope_receives or not self._purge_is_decided)

    @property
    def _purge_is_decided(self) -> bool:
        """Whether the scopes tell which of two roles is meant."""
        return self.as_sender and self.as_recipient and self.scope_sends != self.scope_receives


def access_to(caller: Caller, correspondence: Correspondence) -> Access:
    """What the caller is to the correspondence.

    Raises:
        NoAccess: neither its sender nor its recipient.
        LevelTooLow: its recipient, but not authenticated as its resource demands.
    """
    as_sender = can_send_for(caller, correspondence.mailing.owner, correspondence.resource_id)
    try:
        check_is_recipient(caller, correspondence)
        as_recipient = True
    except NoAccess:
        if not as_sender:
            raise
        as_recipient = False
    return Access(
        as_sender=as_sender,
        as_recipient=as_recipient,
        scope_sends=scopes.WRITE in caller.scopes or caller.owner_code is not None,
        scope_receives=scopes.READ in caller.scopes,
    )


def check_is_a_sender(caller: Caller) -> None:
    """The caller sends for somebody: asked before a form's files are stored, whatever they are for.

    Raises:
        NoAccess: it sends for nobody.
    """
    if not can_send_at_all(caller):
        raise NoAccess


def check_is_recipient(caller: Caller, correspondence: Correspondence) -> None:
    """It is addressed to the caller, or to one who has delegated its reading.

    Raises:
        NoAccess: it is not.
        LevelTooLow: it is, but the caller is not authenticated as its resource demands.
    """
    _check_receives(caller, correspondence.recipient, correspondence.mailing.resource)


def check_may_have(caller: Caller, correspondence: Correspondence, attachment: Attachment) -> None:
    """The caller is a recipient of the file: of the letter, and as far as the file's own resource goes (access.md §4).

    Raises:
        NoAccess, LevelTooLow: it is not.
    """
    check_is_recipient(caller, correspondence)
    if attachment.resource_id != correspondence.resource_id:
        _check_receives(caller, correspondence.recipient, attachment.resource)


def _check_receives(caller: Caller, recipient: str, resource: Resource) -> None:
    if not can_read_for(caller, recipient, resource.pk):
        raise NoAccess
    check_level(caller, resource)


def is_available(correspondence: Correspondence) -> bool:
    """Whether recipients may see it: it is out, and nobody has deleted it (contract lifecycle.md §2, access.md §4)."""
    out = correspondence.status in AVAILABLE and correspondence.has_been(Status.PUBLISHED)
    return out and not correspondence.has_been(*PURGED)


def check_is_available(correspondence: Correspondence) -> None:
    """Recipients may see it.

    Raises:
        CorrespondenceNotFound: not yet, or no longer.
    """
    if not is_available(correspondence):
        raise CorrespondenceNotFound
