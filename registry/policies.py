"""Who may send and read what, on whose behalf (contract access.md §5); and what users of the back-office see.

Rights that were given away are looked up only where the caller has none of its own, in one query, and never kept: what
is withdrawn is refused at the next request.
"""

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat

from config.kernel.caller import Caller, IssuerKind
from recipients.identifiers import ORGANIZATION_PREFIX, organization_urn
from recipients.parties import can_receive, party_of, receives_for
from registry.errors import LevelTooLow
from registry.models import Delegation, Resource, ServiceOwner
from registry.querysets import DelegationQuerySet
from registry.statuses import Right

_OWNERS_URN = Concat(Value(ORGANIZATION_PREFIX), "organization_number")


def can_send_for(caller: Caller, owner: ServiceOwner, resource_id: str) -> bool:
    """Whether the caller may send for this owner, and look after what it sent, as far as the resource goes.

    It may as the owner, or as an organisation that the owner has given the right to: by its platform token where
    there is one, else by its own organisation.
    """
    if caller.kind is IssuerKind.DIALOG:
        return False  # a dialog token's party is whom it reads for
    if _is(caller, owner):
        return True
    given = _given_to_send(caller).on(resource_id)
    return given.filter(from_party=organization_urn(owner.organization_number)).exists()


def can_send_at_all(caller: Caller) -> bool:
    """Whether there is any owner that the caller may send for."""
    if caller.kind is IssuerKind.DIALOG:
        return False
    return _owners(caller).exists() or _given_to_send(caller).exists()


def can_read_for(caller: Caller, recipient: str, resource_id: str) -> bool:
    """Whether the caller may read what is addressed to this URN: its own post, or by a right that it was given."""
    if caller.dialog_resource not in {None, resource_id}:
        return False
    if receives_for(caller, recipient):
        return True
    return _given_to_read(caller).on(resource_id).filter(from_party=recipient).exists()


def check_level(caller: Caller, resource: Resource) -> None:
    """The caller is authenticated as the resource demands of those who receive (contract access.md §5).

    Raises:
        LevelTooLow: it is not.
    """
    if caller.authentication_level < resource.minimum_authentication_level:
        raise LevelTooLow(least=resource.minimum_authentication_level, level=caller.authentication_level)


def rights_for(caller: Caller, party: str, resource_id: str) -> frozenset[Right]:
    """What the caller may look for on behalf of this party: what it received (read), what it sent (write)."""
    if caller.kind is IssuerKind.DIALOG:
        return frozenset({Right.READ}) if can_read_for(caller, party, resource_id) else frozenset()
    own = _own_rights(caller, party)
    if len(own) == len(Right):
        return own
    given = (_given_to_read(caller) | _given_to_send(caller)).on(resource_id).filter(from_party=party)
    rights = given.order_by().values_list("right")
    if caller.owner_code is not None:
        as_owner = _owners(caller).annotate(urn=_OWNERS_URN).filter(urn=party).order_by()
        rights = rights.union(as_owner.values_list(Value(Right.WRITE.value)))
    return own | {Right(right) for (right,) in rights}


def _own_rights(caller: Caller, party: str) -> frozenset[Right]:
    """What the caller may look for as the party itself.

    For a person that is its own post, and what the organisation in its token has sent: that is its system's vendor. A
    platform token says for whom is sent, and never whose post is read.
    """
    sends = caller.owner_code is None and party in _parties(caller)
    given = {Right.READ: receives_for(caller, party), Right.WRITE: sends}
    return frozenset(right for right, has in given.items() if has)


def _is(caller: Caller, owner: ServiceOwner) -> bool:
    if caller.owner_code is not None:
        return caller.owner_code == owner.code
    return caller.organization == owner.organization_number


def _owners(caller: Caller) -> QuerySet[ServiceOwner]:
    """The owner that the caller is, if any."""
    if caller.owner_code is not None:
        return ServiceOwner.objects.filter(code=caller.owner_code)
    return ServiceOwner.objects.filter(organization_number=caller.organization)


def _parties(caller: Caller) -> Collection[str]:
    """Whom the bearer token names: the acting party, and the organisation."""
    organization = organization_urn(caller.organization) if caller.organization else None
    return {urn for urn in (party_of(caller), organization) if urn}


def _given_to_read(caller: Caller) -> DelegationQuerySet:
    """None to a dialog token, which reads for its own party only."""
    return Delegation.objects.filter(right=Right.READ, to_party__in=_parties(caller) if can_receive(caller) else ())


def _given_to_send(caller: Caller) -> DelegationQuerySet:
    """A platform token stands for its owner, whatever the bearer token beside it says."""
    given = Delegation.objects.filter(right=Right.WRITE)
    if caller.owner_code is not None:
        return given.filter(to_party__in=_owners(caller).values_list(_OWNERS_URN))
    return given.filter(to_party=organization_urn(caller.organization or ""))


EVERY_OWNER = "registry.view_every_owner"


def visible_owners(user: Any) -> frozenset[int] | None:
    """The primary keys of the service owners whose letters and registry a user of the back-office sees; None: of all.

    Looked up once for each user object, which is to say once for each request.
    """
    if user.has_perm(EVERY_OWNER):
        return None
    if not hasattr(user, "_visible_owners"):
        user._visible_owners = frozenset(user.memberships.values_list("owner", flat=True))
    owners: frozenset[int] = user._visible_owners
    return owners


def has_nothing_beyond(by: Any, user: Any) -> bool:
    """Whether `by` sees whatever `user` sees, or could see as soon as he is active (config/staff/reach.py)."""
    owners = visible_owners(by)
    return owners is None or owners.issuperset(user.memberships.values_list("owner", flat=True))


def of_owners(owners: Collection[int]) -> Q:
    """Which delegations are these owners' affair: for their resources, and to send on their behalf at all."""
    numbers = ServiceOwner.objects.filter(pk__in=owners)
    gives = Q(resource=None, right=Right.WRITE, from_party__in=numbers.values_list(_OWNERS_URN))
    return Q(resource__owner__in=owners) | gives


def can_decide_on(user: Any, delegation: Delegation) -> bool:
    """Whether a user of the back-office may give and withdraw it: a right for every resource is all owners' affair."""
    owners = visible_owners(user)
    if owners is None:
        return True
    if delegation.resource is not None:
        return delegation.resource.owner_id in owners
    numbers = ServiceOwner.objects.filter(pk__in=owners).values_list("organization_number", flat=True)
    return delegation.right == Right.WRITE and delegation.from_party in {organization_urn(each) for each in numbers}
