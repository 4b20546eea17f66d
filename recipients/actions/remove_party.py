"""Take a party out of the register."""

from datetime import datetime

from django.db import transaction

from config.audit import rows
from config.audit.rows import differences
from recipients.audited import facts, told
from recipients.models import Party


@transaction.atomic
def remove_party(*, party: Party, by: str, now: datetime) -> bool:
    """What was known of it is gone, and letters to it are as before; whether it was there until now."""
    held = Party.objects.select_for_update().filter(pk=party.pk).first()
    if held is None:
        return False
    changes = told(held.urn, differences(facts(held), {}))
    return rows.delete(held, changes=changes, owner="", by=by, now=now)
