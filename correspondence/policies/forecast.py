"""What would become of something that is to be done with letters: asked before anybody says yes to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from attachments.models import Attachment
from correspondence.models import Correspondence
from correspondence.policies.acts import Refused, Standing, refusal, standings
from correspondence.policies.sending_again import files_of, judge
from correspondence.statuses import Act, Refusal

EXAMPLES = 5
_AT_ONCE = 2_000
# To send again is judged by all the rules for new letters, which takes its time: so many, and the others are judged by
# their own rows until it is done.
JUDGED_IN_FULL = 1_000


@dataclass(frozen=True, slots=True)
class Group:
    """Letters with which it cannot be done for the same reason."""

    why: Refusal
    count: int
    examples: Sequence[UUID]
    detail: str = ""  # of the first


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would become of it now."""

    able: int
    groups: Sequence[Group]
    is_in_full: bool = True  # False: the rules may refuse more of them

    @property
    def refused(self) -> int:
        """How many letters would stay as they are."""
        return sum(group.count for group in self.groups)


def forecast(ids: Sequence[UUID], act: Act, now: datetime) -> Forecast:
    """With how many of these letters it could be done, and why not with the others."""
    refused: dict[UUID, Refused] = {}
    for begin in range(0, len(ids), _AT_ONCE):
        refused |= _refused(ids[begin : begin + _AT_ONCE], act, now, in_full=begin < JUDGED_IN_FULL)
    return Forecast(len(ids) - len(refused), grouped(refused), act != Act.SEND_AGAIN or len(ids) <= JUDGED_IN_FULL)


def _refused(ids: Sequence[UUID], act: Act, now: datetime, *, in_full: bool) -> dict[UUID, Refused]:
    letters = standings(Correspondence.objects.filter(pk__in=ids))
    found: dict[UUID, Refused] = {}
    able: list[Standing] = []
    for letter in letters:
        if why := refusal(letter, act, now):
            found[letter.pk] = Refused(why)
        else:
            able.append(letter)
    found |= dict.fromkeys(set(ids) - {letter.pk for letter in letters}, Refused(Refusal.GONE))
    if act == Act.SEND_AGAIN and in_full:
        found |= _judged(able[:JUDGED_IN_FULL], now)
    return found


def _judged(letters: Sequence[Standing], now: datetime) -> Mapping[UUID, Refused]:
    files = files_of({letter.mailing_id for letter in letters})
    attachments = Attachment.objects.in_bulk({key for keys in files.values() for key in keys}) if files else {}
    return judge(letters, files, attachments, now).refused


def grouped(refused: Mapping[UUID, Refused]) -> list[Group]:
    """By reason, the most frequent first."""
    by_reason: dict[Refusal, list[UUID]] = {}
    for key, each in refused.items():
        by_reason.setdefault(each.why, []).append(key)
    groups = [
        Group(why, len(keys), sorted(keys)[:EXAMPLES], refused[min(keys)].detail) for why, keys in by_reason.items()
    ]
    return sorted(groups, key=_frequency, reverse=True)


def _frequency(group: Group) -> int:
    return group.count
