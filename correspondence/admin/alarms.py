"""What the start page says first: whether mail is going out, and what is wrong; the worst first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.kernel import queue
from config.kernel.life_signs import Sign
from correspondence.admin import links
from correspondence.admin.spans import span
from correspondence.admin.standing_filter import LATE_ONES
from correspondence.overview import Overview
from correspondence.standing import Standing
from correspondence.templatetags.figures import figure

# A worker that says nothing for so long is missed; for the beat's sweep as `manage.py doctor` has it.
SILENT = timedelta(minutes=3)
_SILENT_SWEEP = 60.0
LATE, MUCH_TOO_LATE = timedelta(minutes=2), timedelta(minutes=10)
# Without these nothing is published; without the others other work stands still.
_NEEDED = (queue.QUEUE, queue.PUBLISH, queue.SWEEP)

GOOD, WARN, BAD = "good", "warn", "bad"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One sentence, how bad that is, and where to look."""

    key: str  # stays the same while the sentence changes with the time
    level: str
    text: str
    link: str = ""


def alarms(found: Overview) -> Sequence[Alarm]:
    """All there are, the first of which says whether mail is going out."""
    every = sorted([*_of_workers(found), *_of_letters(found)], key=lambda alarm: alarm.level != BAD)
    if not every:
        return [Alarm("well", GOOD, _("Mail is going out. Nothing is stuck."))]
    if every[0].level == BAD:
        return every
    return [Alarm("look", WARN, _("Mail is going out. Some of it needs a look.")), *every]


def is_silent(sign: Sign, now: datetime) -> bool:
    """Whether it is missed."""
    return now - sign.at >= SILENT


def _of_workers(found: Overview) -> Iterator[Alarm]:
    if found.signs is None:
        yield Alarm("broker", BAD, _("The broker does not answer: nobody can say whether the workers run."))
    else:
        yield from _of_signs([sign for sign in found.signs if sign.kind == "worker"], found.now)
    if found.swept_at is None:
        yield Alarm(
            "sweep", BAD, _("No sweep has ever run: scheduled letters do not go out. See that beat and a worker run.")
        )
    elif (found.now - found.swept_at).total_seconds() > max(_SILENT_SWEEP, 4 * settings.SWEEP_EVERY_SECONDS):
        age = span(found.swept_at, found.now)
        yield Alarm("sweep", BAD, _("The last sweep ran %(age)s ago: scheduled letters do not go out.") % {"age": age})


def _of_signs(workers: Sequence[Sign], now: datetime) -> Iterator[Alarm]:
    living = [sign for sign in workers if not is_silent(sign, now)]
    if not living:
        yield Alarm("workers", BAD, _("No worker seen for 3 minutes: nothing goes out."))
        return
    for name in _NEEDED:
        if not any(name in sign.queues for sign in living):
            yield Alarm(f"queue-{name}", BAD, _("No worker listens to the queue “%(name)s”.") % {"name": name})
    for sign in workers:
        if sign not in living:
            facts = {"name": sign.name, "age": span(sign.at, now)}
            yield Alarm("worker", WARN, _("The worker %(name)s was last seen %(age)s ago.") % facts)


def _of_letters(found: Overview) -> Iterator[Alarm]:
    if found.oldest.first_at and (late := found.now - found.oldest.first_at) >= LATE:
        text = _("Letters are late: the oldest has waited for %(age)s.") % {
            "age": span(found.oldest.first_at, found.now)
        }
        yield Alarm("late", BAD if late >= MUCH_TOO_LATE else WARN, text, links.letters(LATE_ONES))
    if count := found.standing[Standing.SET_ASIDE].number:
        text = ngettext(
            "%(count)s letter is set aside after repeated errors, and needs somebody.",
            "%(count)s letters are set aside after repeated errors, and need somebody.",
            count,
        )
        yield Alarm("set-aside", WARN, text % {"count": figure(count)}, links.letters(Standing.SET_ASIDE))
    if any(row.owner_id is None and row.resource_id is None for row in found.pauses):
        yield Alarm("everything", BAD, _("Publishing of everything is paused: nothing goes out."), "#start-pauses")
    elif found.pauses:
        text = ngettext("%(count)s pause is in force.", "%(count)s pauses are in force.", len(found.pauses))
        yield Alarm("pauses", WARN, text % {"count": figure(len(found.pauses))}, "#start-pauses")
