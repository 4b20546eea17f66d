"""Register a resource and its owner."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from config.kernel import clock
from registry import actions
from registry.models import Resource
from registry.statuses import ResourceType


class Command(BaseCommand):
    """`manage.py register_resource my-letters --owner 991825827`"""

    help = "Make a resource and its owner, or bring them up to date; the same call twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("resource_id", metavar="RESOURCE_ID")
        parser.add_argument("--owner", required=True, metavar="ORGNO", help="nine digits")
        parser.add_argument("--owner-name", metavar="NAME")
        parser.add_argument("--owner-code", metavar="CODE", help="as in the owner's platform tokens")
        parser.add_argument("--title")
        parser.add_argument("--type", choices=ResourceType.values, help="CorrespondenceService unless given")

    def handle(self, *args: Any, **options: Any) -> None:
        resource_id = options["resource_id"].removeprefix("urn:altinn:resource:")
        before = Resource.objects.with_owner().filter(pk=resource_id).first()
        now = clock.now()
        try:
            with transaction.atomic():
                owner = actions.register_owner(
                    organization_number=options["owner"],
                    name=options["owner_name"],
                    code=options["owner_code"],
                    now=now,
                )
                resource = actions.register_resource(
                    resource_id=resource_id,
                    owner=owner,
                    title=options["title"],
                    type=options["type"],
                    now=now,
                )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self.stdout.write(f"{resource.pk} ({resource.type}) belongs to {owner}")
        if before and before.owner != owner:
            self.stdout.write(f"Until now it was of {before.owner}, who keeps what it has sent and can send no longer.")
