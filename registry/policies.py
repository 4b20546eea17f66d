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


def can_send_at_all(caller: Caller) -> bool:
    """Whether there is any owner that the caller acts for."""
    if caller.owner_code is not None:
        return ServiceOwner.objects.filter(code=caller.owner_code).exists()
    owners = ServiceOwner.objects.filter(organization_number=caller.organization)
    return caller.kind is not IssuerKind.DIALOG and owners.exists()
