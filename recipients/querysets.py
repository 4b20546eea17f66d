"""Reads of the register of parties."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from recipients.models import Party


class PartyQuerySet(models.QuerySet["Party"]):
    """Parties."""

    def by_urn(self, urns: Collection[str]) -> dict[str, "Party"]:
        """Those of `urns` (normalised) that are here, by their URN, in one query whatever their number."""
        # One parameter, where `urn__in` would write one for each into the statement.
        parties = self.raw("SELECT * FROM recipients_party WHERE urn = ANY(%s)", [list(urns)])
        return {party.urn: party for party in parties}

    def by_party_id(self, ids: Collection[str]) -> dict[str, str]:
        """The URNs of those with one of these party ids, by it."""
        return dict(self.filter(party_id__in=ids).values_list("party_id", "urn"))
