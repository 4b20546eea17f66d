"""Who a caller is, as the party that history rows record and that letters are addressed to (contract access.md)."""

from config.kernel.caller import Caller, IssuerKind
from recipients.identifiers import organization_urn, person_urn
from recipients.models import Party

PARTY_ID_PREFIX = "urn:altinn:partyid:"
_RECEIVING = frozenset({IssuerKind.ALTINN, IssuerKind.MASKINPORTEN})


def party_of(caller: Caller) -> str | None:
    """The caller's party URN: a dialog token's actor, else the person, else its party id, else the organisation.

    None if the token names nobody. A person number is preferred to the party id, where both are there.
    """
    if caller.actor_urn:
        return caller.actor_urn
    if caller.person:
        return person_urn(caller.person)
    if caller.party_id:
        return PARTY_ID_PREFIX + caller.party_id
    return organization_urn(caller.organization) if caller.organization else None


def receives_for(caller: Caller, recipient: str) -> bool:
    """Whether what is addressed to this URN is the caller's to read (contract access.md §5), delegations apart."""
    if caller.kind is IssuerKind.DIALOG:
        return "read" in caller.actions and recipient in (caller.dialog_party_urn, caller.actor_urn)
    return reads_as(caller) == recipient


def can_receive(caller: Caller) -> bool:
    """Whether such a token, dialog tokens apart, receives anything at all: a platform token alone never does."""
    return caller.kind in _RECEIVING and caller.receives


def reads_as(caller: Caller) -> str | None:
    """The party whose post the caller reads, where it names no other; None: nobody's.

    A person's token with an organisation in it reads for the person: that organisation is its system's vendor. One
    that has a party id and no person number reads for the party that the register knows by that id, or for nobody.
    """
    if caller.kind is IssuerKind.DIALOG:
        return caller.dialog_party_urn or caller.actor_urn
    if not can_receive(caller):
        return None
    if caller.party_id and not caller.person:
        return Party.objects.filter(party_id=caller.party_id).values_list("urn", flat=True).first()
    if caller.names_person and not caller.person:
        return None  # nobody can say who it is; certainly not its system's vendor
    return party_of(caller)
