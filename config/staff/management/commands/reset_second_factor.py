"""For the operator who has lost the telephone and the recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.kernel import clock
from config.staff import actions


class Command(BaseCommand):
    """`manage.py reset_second_factor kari`"""

    help = "Take away a user's second factor and end his sessions; the next login sets up a new one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            ended = actions.reset_second_factor(username=options["username"], by="command", now=clock.now())
        except actions.NoSuchUser as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{options['username']} has no second factor any more; sessions ended: {ended}.")
