"""When mailings were sent, how large they are, and what is to become of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from correspondence.management.demo.lives import Fate
from correspondence.management.demo.places import OWNERS, Kind, Owner

DAYS = 30
# So much of a day's post is sent in the hours from 6 to 17 UTC; a tenth of it on a day of the weekend.
_BY_HOUR = (2, 5, 9, 11, 10, 8, 9, 10, 7, 4, 2, 1)
PAUSED_RESOURCE = "renovasjon-henting"
# Of a hundred mailings, and so of small counts at least one.
_RARE = ((Fate.FAILED, 0.012), (Fate.SET_ASIDE, 0.006))


@dataclass(frozen=True)
class Planned:
    """A mailing to be."""

    owner: Owner
    kind: Kind
    created_at: datetime
    due_at: datetime
    size: int
    fate: Fate


def month(letters: int, chance: Random, now: datetime) -> list[Planned]:
    """Mailings with so many letters in all, oldest first."""
    return sorted(_mailings(letters, chance, now), key=lambda each: each.created_at)


def _mailings(letters: int, chance: Random, now: datetime) -> Iterator[Planned]:
    left = letters
    for special in _specials(now, chance):
        if left <= 0:
            return
        size = min(special.size, left)
        left -= size
        yield Planned(special.owner, special.kind, special.created_at, special.due_at, size, special.fate)
    while left > 0:
        size = min(left, _size(chance))
        left -= size
        owner = chance.choices(OWNERS, weights=[each.share for each in OWNERS])[0]
        sent = _moment(chance, now)
        fate = _fate(size, chance)
        yield Planned(owner, chance.choice(owner.kinds), sent, sent, size, fate)


def _specials(now: datetime, chance: Random) -> Iterator[Planned]:
    """What is not left to chance, however few letters there are: one of each that a caseworker has to know."""
    fjordby, dalen, nordvik, _, renovasjon = OWNERS
    minute = timedelta(minutes=1)
    yield Planned(dalen, dalen.kinds[1], now - 52 * minute, now - 52 * minute, 1, Fate.FAILED)
    yield Planned(fjordby, fjordby.kinds[0], now - 35 * minute, now - 35 * minute, 1, Fate.SET_ASIDE)
    yield Planned(nordvik, nordvik.kinds[0], now - 170 * minute, now - 170 * minute, 1, Fate.SET_ASIDE)
    yield Planned(fjordby, fjordby.kinds[0], now - 11 * minute, now - 11 * minute, 3, Fate.WAITING)
    yield Planned(renovasjon, renovasjon.kinds[0], now - 95 * minute, now - 95 * minute, 24, Fate.PAUSED)
    yield Planned(dalen, dalen.kinds[0], now - 300 * minute, now + timedelta(hours=14), 60, Fate.SCHEDULED)
    yield Planned(fjordby, fjordby.kinds[1], now - 130 * minute, now + timedelta(days=3), 40, Fate.SCHEDULED)
    for ago in range(1, 60):  # the last hour, minute by minute
        owner = chance.choice(OWNERS[:4])
        sent = now - timedelta(minutes=ago, seconds=chance.randrange(20))
        yield Planned(owner, chance.choice(owner.kinds), sent, sent, chance.choice((1, 1, 2, 3, 5)), Fate.PUBLISHED)


def _size(chance: Random) -> int:
    """Most mailings have one recipient; most letters are in large ones."""
    return 1 if chance.random() < 0.8 else min(400, int(chance.lognormvariate(3.2, 1.1)) + 2)


def _fate(size: int, chance: Random) -> Fate:
    if size == 1:
        drawn = chance.random()
        for fate, share in _RARE:
            if drawn < share:
                return fate
            drawn -= share
    return Fate.PUBLISHED


def _moment(chance: Random, now: datetime) -> datetime:
    """In office hours of some day of the month, and not in the last hour, which is told minute by minute."""
    while True:
        day = (now - timedelta(days=chance.randrange(DAYS))).replace(minute=0, second=0, microsecond=0)
        if day.weekday() > 4 and chance.random() > 0.1:
            continue
        [hour] = chance.choices(range(6, 18), weights=_BY_HOUR)
        at = day.replace(hour=hour) + timedelta(seconds=chance.uniform(0, 3600))
        if at < now - timedelta(hours=1):
            return at
