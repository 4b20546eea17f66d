"""People of the back-office, one of each role, and what they did."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from config.audit import actions as audit
from config.audit.models import Deed
from correspondence.models import Correspondence
from registry.models import Membership, ServiceOwner

# User name, full name, role (a group, where roles are shipped), and of how many owners a member.
PEOPLE = (
    ("kari", "Kari", "Haugen", "caseworker", 1),
    ("lars", "Lars", "Moen", "caseworker", 2),
    ("ingrid", "Ingrid", "Solberg", "registrar", 2),
    ("aino", "Aino", "Somby", "auditor", 1),
    ("terje", "Terje", "Lund", "administrator", 0),
)


def make_people(owners: Sequence[ServiceOwner]) -> dict[str, Any]:
    """By user name, who is made if he was not there. They have the password of `admin`; without an admin, none."""
    users = get_user_model().objects
    admin = users.filter(username="admin").first()
    found: dict[str, Any] = {}
    for username, first, last, role, member_of in PEOPLE:
        facts = {"first_name": first, "last_name": last, "is_staff": True, "is_active": True}
        user, made = users.get_or_create(username=username, defaults=facts)
        if made:
            user.password = admin.password if admin else "!"
            user.is_superuser = role == "administrator"
            user.save()
            user.groups.set(Group.objects.filter(name__iexact=role))
        for owner in owners[:member_of]:
            Membership.objects.get_or_create(user=user, owner=owner)
        found[username] = user
    return found


def note_deeds(letters: Sequence[Correspondence], numbers: Mapping[int, str], chance: Random, now: datetime) -> int:
    """A month of the audit log; answers how many entries."""
    count = 0
    for ago in range(29, -1, -1):
        day = (now - timedelta(days=ago)).replace(hour=7, minute=0)
        for username, *_ in PEOPLE:
            at = day + timedelta(minutes=chance.randrange(80))
            if at.weekday() > 4 or at > now or chance.random() < 0.2:
                continue
            audit.record(Deed.LOGGED_IN, by=username, now=at)
            count += 1
            if username in {"kari", "lars"} and letters:
                count += _note_work(username, letters, numbers, chance, at)
    return count


def _note_work(
    username: str, letters: Sequence[Correspondence], numbers: Mapping[int, str], chance: Random, at: datetime
) -> int:
    reasons = {
        Deed.REVEALED: "Mottakeren ringte og spurte etter brevet",
        Deed.RETRIED: "Lagringen er oppe igjen",
        Deed.EXPORTED: "Månedsrapport",
    }
    deeds = chance.sample(sorted(reasons), k=chance.randrange(3))
    for step, deed in enumerate(deeds, start=1):
        letter = chance.choice(letters)
        audit.record(
            Deed(deed),
            by=username,
            now=at + timedelta(minutes=17 * step),
            target=None if deed == Deed.EXPORTED else letter,
            owner=numbers[letter.owner_id],
            reason=reasons[Deed(deed)],
        )
    return len(deeds)
