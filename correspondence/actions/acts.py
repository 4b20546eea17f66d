"""What everything that caseworkers do with letters has in common: locks, refusals, and the audit log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from config.audit.actions import record_each
from config.audit.models import Deed
from correspondence.models import Correspondence, Mailing
from correspondence.policies.acts import Refused, Standing, refusal, standings
from correspondence.statuses import Act, Refusal

_DEEDS = {
    Act.RETRY: Deed.RETRIED,
    Act.SEND_AGAIN: Deed.SENT_AGAIN,
    Act.PUBLISH_NOW: Deed.PUBLISHED_NOW,
    Act.CANCEL: Deed.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Acted:
    """With which letters it was done; and the others, that stayed as they were."""

    done: Sequence[UUID] = ()
    refused: Mapping[UUID, Refused] = field(default_factory=dict)


def held(ids: Sequence[UUID], act: Act, now: datetime) -> tuple[list[Standing], dict[UUID, Refused]]:
    """Those of the letters with which it can be done, and why not with the others.

    All stay as they are until the transaction ends. Mailings are locked before letters, as by everybody who moves
    letters, and both by their ids; whoever is publishing a letter is waited for, and then found to have done so.
    """
    mailing_ids = set(Correspondence.objects.filter(pk__in=ids).order_by().values_list("mailing", flat=True))
    list(Mailing.objects.locked().filter(pk__in=mailing_ids).order_by("pk").values_list("pk", flat=True))
    letters = standings(Correspondence.objects.locked().filter(pk__in=ids).order_by("pk"))
    refused = dict.fromkeys(set(ids) - {letter.pk for letter in letters}, Refused(Refusal.GONE))
    able = []
    for letter in letters:
        if why := refusal(letter, act, now):
            refused[letter.pk] = Refused(why)
        else:
            able.append(letter)
    return able, refused


def note(
    act: Act,
    letters: Sequence[Standing],
    *,
    by: str,
    now: datetime,
    reason: str,
    details: Mapping[UUID, Mapping[str, Any]] | None = None,
) -> None:
    """The audit log says of each letter who did this, and why."""
    targets = [(Correspondence(pk=letter.pk), letter.owner_number) for letter in letters]
    record_each(_DEEDS[act], targets, by=by, now=now, reason=reason, details=details)
