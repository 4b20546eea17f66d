"""See into the queue, and help it along."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from config.kernel import clock, uuids
from config.kernel.masking import mask_person_numbers, masked
from correspondence import actions, standing
from correspondence.management.status import as_data, as_lines, pause_as_data, status
from correspondence.management.targets import BY_COMMAND, add_target, operator, target, told
from correspondence.models import Correspondence, Pause
from correspondence.standing import Counts
from correspondence.statuses import QueueState

_MOST_NAMED = 20
_LOOK_EVERY_SECONDS = 1.0


class Command(BaseCommand):
    """`manage.py queue status`"""

    help = "See into the queue, and help it along (docs/operating.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        uses = parser.add_subparsers(dest="use", required=True, metavar="USE")
        shown = uses.add_parser("status", help="what waits, what is stuck, what is paused, and who works")
        add_target(shown, required=False)
        shown.add_argument("--by", choices=("owner", "resource"), help="a line for each of them")
        retry = uses.add_parser("retry", help="give letters that were set aside another round")
        retry.add_argument("ids", nargs="*", metavar="ID", help="of a letter, or of a mailing")
        add_target(retry, required=False)
        retry.add_argument("--dry-run", action="store_true", help="tell which, and change nothing")
        uses.add_parser("requeue", help="wake workers for everything anew, after the broker has lost its messages")
        drain = uses.add_parser("drain", help="wait until nothing that is due is left")
        add_target(drain, required=False)
        drain.add_argument("--timeout", type=float, default=300.0, metavar="SECONDS", help="300 unless given")
        pause = uses.add_parser("pause", help="let nothing go out until it is resumed; queueing goes on")
        add_target(pause, required=True)
        pause.add_argument("--reason", required=True, help="for whoever wonders why nothing goes out")
        add_target(uses.add_parser("resume", help="end a pause"), required=True)
        for use in uses.choices.values():
            use.add_argument("--json", action="store_true", help="one JSON object, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        with told():
            getattr(self, f"_{options['use']}")(options)

    def _status(self, options: dict[str, Any]) -> None:
        found, by = status(target(options), clock.now()), options["by"]
        if options["json"]:
            self._object(as_data(found, by))
        else:
            self._say(*as_lines(found, by))

    def _retry(self, options: dict[str, Any]) -> None:
        ids, wanted = options["ids"], target(options)
        named = bool(options["resource"] or options["owner"] or options["all"])
        if bool(ids) == named:
            raise CommandError("Name letters by their ids, or --resource, --owner or --all.")
        letters = _set_aside(ids) if ids else None
        if options["dry_run"]:
            self._tell_set_aside(letters or Correspondence.objects.set_aside_of(**wanted.ids), options)
            return
        now = clock.now()
        if letters is None:
            moved = actions.retry_all_set_aside(by=BY_COMMAND, now=now, **wanted.ids)
        else:
            ids_of = [letter.pk for letter in letters]
            moved = len(actions.retry_set_aside(ids=ids_of, by=BY_COMMAND, now=now).done)
        self._tell({"retried": moved}, f"Ready again: {moved}.", options)

    def _tell_set_aside(self, letters: Any, options: dict[str, Any]) -> None:
        count = len(letters) if isinstance(letters, list) else letters.count()
        first = list(letters[:_MOST_NAMED])
        if options["json"]:
            self._object({"set_aside": count, "first": [_told_of(letter) for letter in first]})
            return
        self._say(f"Set aside: {count}. Nothing was changed.")
        self._say(*(f"  {letter.pk}  {letter.resource_id}  {' '.join(letter.last_error.split())}" for letter in first))
        if count > len(first):
            self._say(f"  and {count - len(first)} more")

    def _requeue(self, options: dict[str, Any]) -> None:
        done = actions.requeue(now=clock.now())
        text = f"Woken: mailings to queue {done.mailings}, publishers {done.publishers}, and the sweeps."
        more = f" For {done.left} mailings there was no room yet; the sweeps go on with them." if done.left else ""
        self._tell(asdict(done), text + more, options)

    def _drain(self, options: dict[str, Any]) -> None:
        wanted, begun = target(options), time.monotonic()
        while True:
            asked = time.monotonic()
            counts = standing.total(standing.lanes(clock.now(), **wanted.ids)).counts
            passed = time.monotonic() - begun
            if counts.left == 0 or passed >= options["timeout"]:
                break
            if not options["json"]:
                self._say(f"{passed:5.0f} s  left: {counts.left}  ({_parts(counts)})")
            # Never busier with looking than with waiting, however long the tables are.
            pause = max(_LOOK_EVERY_SECONDS, 2 * (time.monotonic() - asked))
            time.sleep(min(pause, max(options["timeout"] - passed, 0)))
        is_drained = counts.left == 0
        if options["json"]:
            self._object({"drained": is_drained, "seconds": round(passed, 1), "counts": asdict(counts)})
        elif is_drained:
            self._say(f"Nothing that is due is left ({passed:.0f} s). {_staying(counts)}")
        if not is_drained:
            raise CommandError(
                f"After {options['timeout']:g} s {counts.left} are left: {_parts(counts)}. "
                "`manage.py doctor` says what may be wrong."
            )

    def _pause(self, options: dict[str, Any]) -> None:
        wanted = target(options)
        made = actions.pause(
            **wanted.ids, reason=options["reason"], by=BY_COMMAND, operator=operator(), now=clock.now()
        )
        self._tell(
            {"paused": pause_as_data(made)},
            f"Paused: {made.of}. What a worker has in hand, a chunk of letters, still goes out.",
            options,
        )

    def _resume(self, options: dict[str, Any]) -> None:
        wanted = target(options)
        in_force = list(Pause.objects.in_force())
        owner_id = wanted.owner.pk if wanted.owner else None
        found = [row for row in in_force if (row.owner_id, row.resource_id) == (owner_id, wanted.resource_id)]
        others = [row.of for row in in_force if row not in found]
        still = f" Still paused: {'; '.join(others)}." if others else ""
        if not found or not actions.resume(pause_id=found[0].pk, by=BY_COMMAND, operator=operator(), now=clock.now()):
            raise CommandError(mask_person_numbers(f"There is no pause of {wanted}.{still}"))
        self._tell(
            {"resumed": pause_as_data(found[0])},
            f"Resumed: {wanted}. What only it held up goes out now.{still}",
            options,
        )

    def _tell(self, data: dict[str, Any], text: str, options: dict[str, Any]) -> None:
        if options["json"]:
            self._object(data)
        else:
            self._say(text)

    def _object(self, data: dict[str, Any]) -> None:
        # Moments as text first: what masks person numbers knows texts and numbers.
        self.stdout.write(json.dumps(masked(json.loads(json.dumps(data, cls=DjangoJSONEncoder))), ensure_ascii=False))

    def _say(self, *lines: str) -> None:
        for line in lines:
            self.stdout.write(mask_person_numbers(line))


def _set_aside(ids: Sequence[str]) -> list[Correspondence]:
    """The letters with these ids, or of the mailings with them, that are set aside.

    Raises:
        CommandError: one is no id, or of nothing, or nothing of it is set aside.
    """
    return [letter for text in dict.fromkeys(ids) for letter in _set_aside_of(text)]


def _set_aside_of(text: str) -> list[Correspondence]:
    found = _uuid(text)
    letters = Correspondence.objects.filter(pk=found) | Correspondence.objects.filter(mailing=found)
    states = set(letters.order_by().values_list("queue_state", flat=True).distinct())
    if not states:
        raise CommandError(f"There is no letter and no mailing with the id {found}.")
    if QueueState.SET_ASIDE not in states:
        labels = ", ".join(sorted(str(QueueState(state).label) for state in states))
        raise CommandError(f"Nothing of {found} is set aside: it is {labels}.")
    return list(letters.filter(queue_state=QueueState.SET_ASIDE).order_by("pk"))


def _uuid(text: str) -> UUID:
    found = uuids.parse_any(text)
    if found is None:
        raise CommandError(mask_person_numbers(f"{text} is no id of a letter or a mailing."))
    return found


def _told_of(letter: Correspondence) -> dict[str, Any]:
    return {"id": letter.pk, "resource": letter.resource_id, "last_error": letter.last_error}


def _parts(counts: Counts) -> str:
    return f"waiting {counts.waiting}, due {counts.due}, held up by errors {counts.held_up}"


def _staying(counts: Counts) -> str:
    """What a drained queue still holds."""
    return f"Stay: set aside {counts.set_aside}, paused {counts.paused}, scheduled {counts.scheduled}."
