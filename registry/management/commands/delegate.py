"""Give a right away, withdraw it, or list what was given."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from config.audit.rows import COMMAND
from config.kernel import clock
from recipients.identifiers import NotARecipient, party_urn
from registry import actions
from registry.models import Delegation
from registry.serializers import without_prefix
from registry.statuses import Right

_FORMS = "9 digits, 0192: and 9 digits, 11 digits, or a URN"
_OPTIONS = {"from_party": "--from: ", "to_party": "--to: ", "right": "--right: ", "resource": "--resource: "}


class Command(BaseCommand):
    """`manage.py delegate --from 0192:314762290 --to 01818517641 --right read`"""

    help = (
        "Let one party read or send on behalf of another, for one resource or for all. Twice is harmless. "
        "Person numbers are masked in what is printed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="from_party", metavar="PARTY", help=f"who gives the right: {_FORMS}")
        parser.add_argument("--to", dest="to_party", metavar="PARTY", help="who is given it")
        parser.add_argument("--right", choices=Right.values)
        parser.add_argument("--resource", metavar="RESOURCE_ID", help="every resource unless given")
        other = parser.add_mutually_exclusive_group()
        other.add_argument("--withdraw", action="store_true", help="take the right back")
        other.add_argument("--list", action="store_true", help="print what was given, and change nothing")
        parser.add_argument("--party", metavar="PARTY", help="with --list: what this party gave or was given")

    def handle(self, *args: Any, **options: Any) -> None:
        _check_together(options)
        try:
            if options["list"]:
                self._list(options["party"])
            elif options["withdraw"]:
                self._withdraw(_terms(options))
            else:
                self._delegate(_terms(options))
        except ValidationError as error:
            raise CommandError(_told(error)) from None

    def _delegate(self, terms: dict[str, Any]) -> None:
        delegation, is_new = actions.delegate(**terms, by=COMMAND, now=clock.now())
        self.stdout.write(f"{'Given' if is_new else 'Given already'}: {delegation}")

    def _withdraw(self, terms: dict[str, Any]) -> None:
        if actions.withdraw(**terms, by=COMMAND, now=clock.now()):
            self.stdout.write("Withdrawn.")
        elif terms["resource_id"] is not None and _is_given_for_all(terms):
            self.stdout.write("There is a right to every resource; it is withdrawn as a whole, without --resource.")
        else:
            self.stdout.write("There was no such right to withdraw.")

    def _list(self, party: str | None) -> None:
        try:
            found = Delegation.objects.concerning(party_urn(party)) if party else Delegation.objects.all()
        except NotARecipient as error:
            raise CommandError(f"--party: {error}") from None
        for delegation in found:
            self.stdout.write(f"{delegation}, since {delegation.created_at:%Y-%m-%d} by {delegation.created_by}")


def _check_together(options: dict[str, Any]) -> None:
    named = [options[name] is not None for name in ("from_party", "to_party", "right")]
    if options["list"]:
        if any(named) or options["resource"] is not None:
            raise CommandError("--list takes --party and nothing else.")
        return
    if options["party"] is not None:
        raise CommandError("--party belongs to --list.")
    if not all(named):
        raise CommandError("Name --from, --to and --right; or --list.")
    if options["resource"] == "":
        raise CommandError("--resource is empty; leave it out for every resource.")


def _terms(options: dict[str, Any]) -> dict[str, Any]:
    resource = options["resource"]
    return {
        "from_party": options["from_party"],
        "to_party": options["to_party"],
        "right": options["right"],
        "resource_id": without_prefix(resource) if resource is not None else None,
    }


def _is_given_for_all(terms: dict[str, Any]) -> bool:
    """Whether there is such a right to every resource; the terms are known to be in order."""
    parties = {name: party_urn(terms[name]) for name in ("from_party", "to_party")}
    return Delegation.objects.filter(**parties, right=terms["right"], resource=None).exists()


def _told(error: ValidationError) -> str:
    return " ".join(
        _OPTIONS.get(field, "") + message for field, messages in error.message_dict.items() for message in messages
    )
