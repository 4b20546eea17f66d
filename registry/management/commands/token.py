"""Print a token of the local development issuer."""

import re
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.kernel import clock, development_issuer


class Command(BaseCommand):
    """`manage.py token --org 991825827`"""

    help = "Print a token signed by the development issuer, which only ENVIRONMENT=development believes."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--org", metavar="ORGNO", help="an organisation's token, scope write")
        whose.add_argument("--person", metavar="FNR", help="a person's token, scope read")
        whose.add_argument("--platform", metavar="CODE", help="a platform token of the owner with this code")
        parser.add_argument("--scope", help='other scopes, separated by blanks; "" for none')
        parser.add_argument("--expires-in", type=int, default=3600, metavar="SECONDS", help="may be negative")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            now, lifetime = clock.now(), timedelta(seconds=options["expires_in"])
            self.stdout.write(self._token(options, now, lifetime))
        except OverflowError as error:
            raise CommandError("--expires-in reaches past the end of time.") from error
        except development_issuer.Disabled as error:
            raise CommandError("The development issuer is not enabled: it is for ENVIRONMENT=development.") from error

    def _token(self, options: dict[str, Any], now: Any, lifetime: timedelta) -> str:
        if options["org"] is not None:
            number = _digits(options["org"], 9, "--org")
            return development_issuer.organization_token(number, scope=options["scope"], now=now, lifetime=lifetime)
        if options["person"] is not None:
            number = _digits(options["person"], 11, "--person")
            return development_issuer.person_token(number, scope=options["scope"], now=now, lifetime=lifetime)
        if not options["platform"]:
            raise CommandError("--platform takes an owner's code.")
        return development_issuer.platform_token(options["platform"], now=now, lifetime=lifetime)


def _digits(text: str, count: int, option: str) -> str:
    if not re.fullmatch(rf"[0-9]{{{count}}}", text):
        raise CommandError(f"{option} takes {count} digits.")
    return text
