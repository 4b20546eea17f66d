"""Who does what a sender does, as history records it."""

from config.kernel.caller import Caller
from recipients.identifiers import organization_urn
from recipients.parties import party_of
from registry.models import ServiceOwner


def acting_party(caller: Caller, owner: ServiceOwner) -> str:
    """The caller's party URN; the owner's, for whom it acts, where its token names nobody (a platform token)."""
    return party_of(caller) or organization_urn(owner.organization_number)
