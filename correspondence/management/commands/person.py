"""Tell what is held on one person, or erase what may go."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from config.kernel import clock
from config.kernel.masking import mask_person_numbers
from correspondence import actions, persons
from correspondence.management.tables import readable, tables
from recipients.identifiers import NotARecipient, is_person, parse_recipient

MOST_TOLD = 100


class Command(BaseCommand):
    """`manage.py person show 01818517641`"""

    help = (
        "What is held on one person. ID: 11 digits, or a URN. `show` tells all of it. `erase` removes what the "
        "register knows and the rights that were given, and of letters what need not be kept any more "
        "(docs/retention.md)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        uses = parser.add_subparsers(dest="use", required=True, metavar="show|erase")
        show = uses.add_parser("show", help="tell what is held, and change nothing")
        show.add_argument("id", metavar="ID")
        show.add_argument("--json", action="store_true", help="one object a line, person numbers in clear")
        erase = uses.add_parser("erase", help="erase what may go, and tell what stays and until when")
        erase.add_argument("id", metavar="ID")
        erase.add_argument("--yes", action="store_true", help="without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        urn = _person(options["id"])
        if options["use"] == "erase":
            self._erase(urn, sure=options["yes"])
        elif options["json"]:
            self._write(_as_json(urn))
        else:
            self._show(urn)

    def _show(self, urn: str) -> None:
        self.stdout.write(f"Held on {urn}:")
        told = False
        for line in tables(persons.everything_on(urn)):
            self.stdout.write(line)
            told = True
        if not told:
            self.stdout.write("nothing.")

    def _write(self, lines: Iterator[str]) -> None:
        for line in lines:
            self.stdout.write(line)

    def _erase(self, urn: str, *, sure: bool) -> None:
        if not sure and not _is_sure(urn):
            raise CommandError("Nothing was erased. Answer yes, or say --yes.")
        names = persons.acting_names(urn)  # the register tells, which goes
        erased = actions.erase_person(urn=urn, now=clock.now())
        self.stdout.write(
            f"Erased: {erased.register_rows} rows of the register, {erased.rights} rights, the content of "
            f"{erased.contents} mailings, the history of {erased.histories}."
        )
        self._tell_letters(urn)
        acts = sum(act.count for act in persons.acts_of(names))
        self.stdout.write(f"{acts} events tell what the person did. They go with the letters and files concerned.")

    def _tell_letters(self, urn: str) -> None:
        count = 0
        for letter in persons.letters_to(urn):
            count += 1
            if count <= MOST_TOLD:
                self.stdout.write(f"Stays: letter {letter.id}, {readable(letter.resource)}: {_ends(letter)}.")
        if count > MOST_TOLD:
            self.stdout.write("More letters stay; they are counted, and `show` tells them all.")
        self.stdout.write(f"{count} letters stay.")


def _person(text: str) -> str:
    """The URN.

    Raises:
        CommandError: it is no person; the text is not repeated.
    """
    try:
        urn = parse_recipient(text.strip())
    except NotARecipient as error:
        raise CommandError(f"ID {error}.") from None
    if not is_person(urn):
        raise CommandError("ID is an organisation's; this is about persons.")
    return urn


def _is_sure(urn: str) -> bool:
    try:
        answer = input(f"Erase what is held on {urn}? It cannot be brought back. [yes/no] ")
    except EOFError:  # nobody is there to answer
        return False
    return answer.strip().lower() == "yes"


def _ends(letter: persons.HeldLetter) -> str:
    history = f"history {_until(letter.history_until)}"
    return f"content {_until(letter.content_until)}, {history}" if letter.has_content else history


def _until(end: datetime | None) -> str:
    return "for ever, by setting" if end is None else f"until {end:%Y-%m-%d %H:%M} UTC"


def _as_json(urn: str) -> Iterator[str]:
    for record in persons.everything_on(urn):
        told = asdict(record)
        if isinstance(record, persons.RightHeld):
            told["other_party"] = mask_person_numbers(record.other_party)  # somebody else's
        yield json.dumps({"kind": record.kind, **told}, cls=DjangoJSONEncoder, ensure_ascii=False)
