"""Who a caller is, as the party that history rows record (contract access.md §2)."""

from config.kernel.caller import Caller
from recipients.identifiers import organization_urn, person_urn


def party_of(caller: Caller) -> str | None:
    """The caller's party URN: a dialog token's actor, else the person, else the organisation; None if unknown."""
    if caller.actor_urn:
        return caller.actor_urn
    if caller.person:
        return person_urn(caller.person)
    return organization_urn(caller.organization) if caller.organization else None
