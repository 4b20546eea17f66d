"""Fill a development database with a believable month."""

import time
from argparse import ArgumentParser
from datetime import datetime
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from config.kernel import clock
from correspondence import actions
from correspondence.management.demo.month import PAUSED_RESOURCE, month
from correspondence.management.demo.numbers import organization_number
from correspondence.management.demo.places import OWNERS
from correspondence.management.demo.rows import write
from correspondence.management.demo.staff import PEOPLE, make_people, note_deeds
from correspondence.models import Correspondence, Pause
from registry import actions as registry
from registry.models import Resource


class Command(BaseCommand):
    """All or nothing, in one transaction; the same seed on the same day tells the same story."""

    help = (
        "Fill the database with a believable month: service owners, resources, letters in every state with their "
        "histories, files, people of each role and what they did. Development only; where letters are already, "
        "only with --add. Each run adds letters; owners, resources and people are made once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--letters", type=int, default=10_000, help="how many (10000)")
        parser.add_argument("--seed", type=int, default=1, help="another one tells another story (1)")
        parser.add_argument("--add", action="store_true", help="also where there are letters already")

    def handle(self, *args: Any, letters: int, seed: int, add: bool, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("demo_data is for ENVIRONMENT=development only.")
        if letters < 1:
            raise CommandError("--letters is 1 at least.")
        if not add and Correspondence.objects.exists():
            raise CommandError("There are letters in this database. To add to them: --add")
        begun, chance = time.monotonic(), Random(seed)  # noqa: S311 - nothing secret is drawn
        with transaction.atomic():
            told = self._fill(letters, chance)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # lists are estimated by what the database has last counted
        self.stdout.write(f"{told} ({time.monotonic() - begun:.0f} s)")

    def _fill(self, letters: int, chance: Random) -> str:
        now = clock.now()
        resources = _resources(now)
        written = write(month(letters, chance, now), resources, chance, now)
        owners = list({each.owner_id: each.owner for each in resources.values()}.values())
        make_people(owners)
        deeds = note_deeds(written.letters[-500:], {each.pk: each.organization_number for each in owners}, chance, now)
        if not Pause.objects.filter(resource_id=PAUSED_RESOURCE, resumed_at=None).exists():
            reason = "Feil logo i malen, meldt av kommunen"
            actions.pause(resource_id=PAUSED_RESOURCE, reason=reason, by="lars", now=now)
        names = ", ".join(username for username, *_ in PEOPLE)
        return (
            f"{len(written.letters)} letters of {len(written.mailings)} mailings, {written.events} events, "
            f"{written.files} files, {deeds} entries of the audit log. People: {names}, with admin's password."
        )


def _resources(now: datetime) -> dict[str, Resource]:
    """By id; made with their owners, or brought up to date."""
    found = {}
    for owner in OWNERS:
        number = organization_number(Random(owner.code)) if owner.number == "{}" else owner.number  # noqa: S311
        row = registry.register_owner(organization_number=number, name=owner.name, code=owner.code, now=now)
        for kind in owner.kinds:
            found[kind.resource_id] = registry.register_resource(
                resource_id=kind.resource_id, owner=row, title=kind.title, now=now
            )
    return found
