"""Write down what is known of one party."""

from datetime import datetime

from django.db import transaction

from config.audit import rows
from config.audit.rows import COMMAND
from recipients.audited import facts, told
from recipients.identifiers import NotARecipient, parse_recipient
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
    by: str = COMMAND,
) -> Party:
    """The party that `recipient` names in any form, made or brought up to date; what is None stays as it is.

    Raises:
        ValidationError: it names nobody, a fact has not the form that it must have, or the party id is another's.
    """
    party = _found(recipient) or Party(urn=recipient)
    known = {
        "party_id": party_id,
        "name": name,
        "is_reserved": is_reserved,
        "has_confidential_role": has_confidential_role,
        "email": email,
        "mobile": mobile,
    }
    for field, value in known.items():
        if value is not None:
            setattr(party, field, value)
    party.updated_at = now
    rows.save(party, facts=facts, owner=lambda _: "", by=by, now=now, told=lambda changes: told(party.urn, changes))
    return party


def _found(recipient: str) -> Party | None:
    try:
        return Party.objects.select_for_update().filter(urn=parse_recipient(recipient)).first()
    except NotARecipient:
        return None  # the new row's own check says why
