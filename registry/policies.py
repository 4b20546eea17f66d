"""Who may send (contract access.md §5)."""

from config.kernel.caller import Caller, IssuerKind
from registry.models import ServiceOwner


def can_send_for(caller: Caller, owner: ServiceOwner) -> bool:
    """Whether the caller acts for this owner: by its platform token where there is one, else by organisation."""
    if caller.kind is IssuerKind.DIALOG:
        return False  # a dialog token's party is whom it reads for
    if caller.owner_code is not None:
        return caller.owner_code == owner.code
    return caller.organization == owner.organization_number
