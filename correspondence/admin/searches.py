"""How letters and mailings are found in the back-office. Each way stands on an index (docs/back-office.md)."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from config.kernel import uuids
from correspondence.models import Correspondence, Mailing
from correspondence.querysets import addressed
from recipients.typed import typed_party

# With a reference that more mailings have, one looks through the newest letters rather than through all of these.
_MOST_MAILINGS = 1_000


def letters_found(letters: QuerySet[Correspondence], term: str) -> QuerySet[Correspondence]:
    """By the letter's or its mailing's id; or by recipient and sender's reference, for one may look like the other."""
    if found := uuids.typed(term):
        return letters.filter(Q(pk=found) | Q(mailing=found))
    with_reference = Mailing.objects.with_reference(term)
    ids = list(with_reference.order_by().values_list("pk", flat=True)[: _MOST_MAILINGS + 1])
    if len(ids) > _MOST_MAILINGS:
        return letters.filter(mailing__in=with_reference.values("pk"))
    wanted = Q(mailing__in=ids) if ids else Q()
    if urn := typed_party(term):
        wanted |= addressed(urn)
    return letters.filter(wanted) if wanted else letters.none()


def mailings_found(mailings: QuerySet[Mailing], term: str) -> QuerySet[Mailing]:
    """By the mailing's or a letter's id, by the sender's reference, or by one of its recipients."""
    if found := uuids.typed(term):
        return mailings.filter(pk__in=_mailings_of(found))
    wanted: Any = Q(pk__in=Mailing.objects.with_reference(term).values("pk"))
    if urn := typed_party(term):
        letters = Correspondence.objects.filter(addressed(urn)).order_by("-pk")
        wanted |= Q(pk__in=list(letters.values_list("mailing", flat=True)[:_MOST_MAILINGS]))
    return mailings.filter(wanted)


def _mailings_of(id: UUID) -> list[UUID]:
    """The id itself, and the mailing of the correspondence with this id."""
    return [id, *Correspondence.objects.filter(pk=id).values_list("mailing_id", flat=True)]
