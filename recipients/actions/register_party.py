"""Write down what is known of one party."""

from datetime import datetime

from django.db import transaction

from recipients.models import Party


@transaction.atomic
def register_party(
    *,
    recipient: str,
    now: datetime,
    party_id: str | None = None,
    name: str | None = None,
    is_reserved: bool | None = None,
    has_confidential_role: bool | None = None,
    email: str | None = None,
    mobile: str | None = None,
) -> Party:
    """The party that `recipient` names in any form, made or brought up to date; what is None stays as it is.

    Raises:
        ValidationError: it names nobody, a fact has not the form that it must have, or the party id is another's.
    """
    told = Party(urn=recipient)
    told.clean()
    party = Party.objects.select_for_update().filter(urn=told.urn).first() or told
    facts = {
        "party_id": party_id,
        "name": name,
        "is_reserved": is_reserved,
        "has_confidential_role": has_confidential_role,
        "email": email,
        "mobile": mobile,
    }
    for field, value in facts.items():
        if value is not None:
            setattr(party, field, value)
    party.updated_at = now
    party.full_clean()
    party.save()
    return party
