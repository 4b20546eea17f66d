"""A person asks to be forgotten: what may go, goes."""

from dataclasses import asdict, dataclass
from datetime import datetime

import structlog
from django.db import transaction

from config.audit.actions import record_each
from config.audit.models import Deed
from config.audit.rows import COMMAND
from correspondence.actions.batches import batches, change_mailings
from correspondence.actions.clear import clear_mailings
from correspondence.actions.remove_history import remove_histories
from correspondence.models import Correspondence
from correspondence.persons import staff_log
from recipients.models import Party
from registry.models import Delegation

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Erased:
    """How much has gone."""

    register_rows: int
    rights: int
    contents: int  # of mailings
    histories: int  # of mailings


def erase_person(*, urn: str, now: datetime) -> Erased:
    """What is known of the person with this URN is gone, and of its letters what need not be kept any more.

    Letters are the senders' too: theirs is the time for which they are kept (policies/retention.py). Twice is harmless,
    and goes on where it was cut off.
    """
    register_rows, rights = _erase_known(urn, now)
    contents = histories = 0
    letters = Correspondence.objects.addressed_to(urn).values_list("mailing", "mailing__recipient_count")
    for ids in batches(letters.iterator()):
        contents += change_mailings(ids, clear_mailings, now)
        histories += change_mailings(ids, remove_histories, now)
    erased = Erased(register_rows, rights, contents, histories)
    logger.info("person_erased", **asdict(erased))
    return erased


@transaction.atomic
def _erase_known(urn: str, now: datetime) -> tuple[int, int]:
    staff_log(urn).update(object_repr="erased")  # it names the row as it was then
    gone = [*Delegation.objects.concerning(urn), *Party.objects.filter(urn=urn)]
    # That they went, and nothing of what they held.
    record_each(Deed.DELETED, [(row, "") for row in gone], by=COMMAND, now=now)
    rights, _ = Delegation.objects.concerning(urn).delete()
    register_rows, _ = Party.objects.filter(urn=urn).delete()
    return register_rows, rights
