"""Parties in words, with person numbers masked, for the pages of the back-office.

A person's name is shown, its number is not: senders write the name into the letter itself, a caseworker on the
telephone has to know whose letter this is, and harm is done with the number. It takes a permission of its own to see
that, and each look is noted.
"""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from config.kernel.masking import mask_person_numbers
from recipients.identifiers import IDPORTEN_EMAIL_PREFIX, ORGANIZATION_PREFIX, PERSON_PREFIX, SELFIDENTIFIED_PREFIX
from recipients.models import Party

Names = Mapping[str, str]


def names_of(urns: Iterable[str]) -> dict[str, str]:
    """The names that the register has for these parties, masked; of a party without one, nothing. In one query."""
    wanted = {urn for urn in urns if urn}
    parties = Party.objects.by_urn(wanted).values() if wanted else ()
    return {party.urn: mask_person_numbers(party.name) for party in parties if party.name}


def identifier(urn: str) -> str:
    """What tells the party from others of its kind: its number, address or user name, masked."""
    for prefix in (ORGANIZATION_PREFIX, PERSON_PREFIX, IDPORTEN_EMAIL_PREFIX, SELFIDENTIFIED_PREFIX):
        if urn.startswith(prefix):
            return mask_person_numbers(urn.removeprefix(prefix))
    return mask_person_numbers(urn)


def in_words(urn: str, names: Names) -> str:
    """`Fjordby kommune (organisation 312295202)`; without a name `organisation 312295202`."""
    facts = {"name": names.get(urn, ""), "number": identifier(urn)}
    if urn.startswith(ORGANIZATION_PREFIX):
        named, unnamed = _("%(name)s (organisation %(number)s)"), _("organisation %(number)s")
    elif urn.startswith((PERSON_PREFIX, IDPORTEN_EMAIL_PREFIX, SELFIDENTIFIED_PREFIX)):
        named, unnamed = _("%(name)s (person %(number)s)"), _("person %(number)s")
    else:
        named, unnamed = "%(name)s (%(number)s)", "%(number)s"
    return (named if facts["name"] else unnamed) % facts
