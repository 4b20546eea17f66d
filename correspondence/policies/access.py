"""Who may see a correspondence (contract access.md §4 and §5)."""

from config.kernel.caller import Caller
from correspondence.models import Correspondence
from registry.errors import NoAccess
from registry.policies import can_send_for


def check_is_sender(caller: Caller, correspondence: Correspondence) -> None:
    """The caller may act for the owner that sent it.

    Raises:
        NoAccess: it may not.
    """
    if not can_send_for(caller, correspondence.mailing.owner):
        raise NoAccess
