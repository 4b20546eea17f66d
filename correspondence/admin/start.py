"""The start page of the back-office: is mail going out, what is stuck, why; and what can I do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.formats import date_format, time_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.kernel import clock, life_signs
from config.kernel.life_signs import Sign
from config.kernel.masking import mask_person_numbers
from config.staff.site import StaffSite
from correspondence import overview
from correspondence.admin import links
from correspondence.admin.alarms import BAD, GOOD, LATE, MUCH_TOO_LATE, WARN, alarms, is_silent
from correspondence.admin.spans import ago, span
from correspondence.admin.standing_filter import FAILED_TODAY, PUBLISHED_TODAY
from correspondence.admin.words import what_is_paused
from correspondence.charts import Chart, chart
from correspondence.counting import Count
from correspondence.models import Pause
from correspondence.overview import Overview, Trouble
from correspondence.standing import Standing
from correspondence.templatetags.figures import figure
from registry.policies import visible_owners

REFRESH_SECONDS = 10
_LONGEST_REASON = 300

_TASKS = {
    "correspondence.queue_mailing": gettext_lazy("queueing a mailing"),
    "correspondence.publish_due": gettext_lazy("publishing letters"),
    "correspondence.sweep": gettext_lazy("looking for what is due"),
    "correspondence.clear_mailing": gettext_lazy("clearing a mailing"),
    "correspondence.retention": gettext_lazy("erasing what has been kept long enough"),
    "attachments.scan": gettext_lazy("scanning a file"),
    "attachments.remove_bytes": gettext_lazy("removing a file"),
    "attachments.sweep": gettext_lazy("looking for files that wait"),
    "attachments.remove_orphans": gettext_lazy("removing leftovers of uploads"),
    "attachments.remove_all_orphans": gettext_lazy("removing leftovers of uploads"),
    "staff.tidy": gettext_lazy("tidying sessions"),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure, which leads to what it counts."""

    key: str
    label: str
    value: str
    note: str
    link: str
    level: str = ""


def start_page(request: HttpRequest) -> Mapping[str, Any]:
    """What the admin's index shows above its list of pages; nothing for who may not look at letters."""
    if not links.may_see_letters(request):
        return {}
    owners = visible_owners(request.user)
    if owners is not None and not owners:
        return {"is_of_no_owner": True}
    found = overview.look(owners, clock.now())
    return {
        "title": _("Overview"),
        "overview": found,
        "refresh_seconds": REFRESH_SECONDS,
        "alarms": alarms(found),
        "tiles": list(_tiles(found)),
        "charts": _charts(found),
        "processes": _processes(found),
        "pauses": [_pause(row, found.now) for row in found.pauses],
        "pauses_link": links.pauses(request),
        "pause_link": links.pause(request),
        "may_resume": links.may_resume(request),
        "troubles": [
            {
                "key": "set-aside",
                "title": _("Set aside"),
                "link": links.letters(Standing.SET_ASIDE),
                "none": _("No letter is set aside."),
                "rows": [_trouble(request, row, found.now) for row in found.set_aside],
            },
            {
                "key": "failed",
                "title": _("Newest failures"),
                "link": "",
                "none": ngettext(
                    "No letter has failed in the last %(count)s day.",
                    "No letter has failed in the last %(count)s days.",
                    overview.TROUBLES_OF_DAYS,
                )
                % {"count": overview.TROUBLES_OF_DAYS},
                "rows": [_trouble(request, row, found.now) for row in found.failed],
            },
        ],
    }


def figures(request: HttpRequest) -> HttpResponse:
    """The same by itself, for the page to put in the place of what has changed."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    if not links.may_see_letters(request):
        raise PermissionDenied
    return render(request, "admin/correspondence/start/figures.html", start_page(request))


def _tiles(found: Overview) -> Iterator[Tile]:
    standing = found.standing
    yield _standing(standing, Standing.WAITING, _("Waiting"), _("not queued yet, or for a file to be scanned"))
    yield from _seldom(standing)
    yield _standing(standing, Standing.SCHEDULED, _("Scheduled"), _("for a time ahead"))
    today = found.published_today
    yield Tile("published", _("Published today"), figure(today), _("since midnight"), links.letters(PUBLISHED_TODAY))
    yield Tile(
        "failed",
        _("Failed today"),
        _counted(found.failed_today),
        _("for good: send them again as new ones"),
        links.letters(FAILED_TODAY),
        BAD if found.failed_today.number else "",
    )
    note = _("after repeated errors: somebody has to look")
    yield _standing(standing, Standing.SET_ASIDE, _("Set aside"), note, WARN)
    yield _oldest(found.oldest, found.now)


def _seldom(standing: Mapping[Standing, Count]) -> Iterator[Tile]:
    """Shown where they are not nought."""
    seldom = (
        (Standing.DUE, _("Due now"), _("the next free worker publishes them"), ""),
        (Standing.PAUSED, _("Paused"), _("due, and held up until somebody resumes them"), WARN),
        (Standing.HELD_UP, _("Put off"), _("after an error: they are tried again"), WARN),
    )
    for word, label, note, level in seldom:
        if standing[word].number:
            yield _standing(standing, word, label, note, level)


def _standing(counts: Mapping[Standing, Count], word: Standing, label: str, note: str, level: str = "") -> Tile:
    count = counts[word]
    return Tile(word.value, label, _counted(count), note, links.letters(word.value), level if count.number else "")


def _counted(count: Count) -> str:
    most = overview.MOST_COUNTED
    return _("%(count)s or more") % {"count": figure(most)} if count.number >= most else figure(count.number)


def _oldest(count: Count, now: datetime) -> Tile:
    label = _("Oldest waiting")
    if count.first_at is None or count.first is None:
        return Tile("oldest", label, "–", _("nothing waits that should be out"), "")
    late = now - count.first_at
    moment = date_format(localtime(count.first_at), "DATETIME_FORMAT")
    level = BAD if late >= MUCH_TOO_LATE else WARN if late >= LATE else ""
    note = _("should have been out %(moment)s") % {"moment": moment}
    return Tile("oldest", label, span(count.first_at, now), note, links.letter(count.first), level)


def _charts(found: Overview) -> Sequence[Mapping[str, Any]]:
    minutes = chart([(time_format(localtime(moment), "TIME_FORMAT"), number) for moment, number in found.minutes])
    days = chart([(date_format(day, "MONTH_DAY_FORMAT"), number) for day, number in found.days])
    return (
        {
            "key": "minutes",
            "title": _("Published per minute, the last hour"),
            "first": _("Minute from"),
            "chart": minutes,
            "marks": minutes.marks(4),
            "said": _said(minutes),
        },
        {
            "key": "days",
            "title": _("Published per day, the last 30 days"),
            "first": _("Day"),
            "chart": days,
            "marks": days.marks(4),
            "said": _said(days),
        },
    )


def _said(drawn: Chart) -> str:
    """What is to be seen, in words."""
    if not drawn.total:
        return _("Nothing was published.")
    facts = {"total": figure(drawn.total), "most": figure(drawn.highest.value), "when": drawn.highest.label}
    return _("%(total)s in all. The most: %(most)s (%(when)s).") % facts


def _processes(found: Overview) -> Mapping[str, Any]:
    now, signs = found.now, found.signs or ()
    return {
        "rows": [_process(sign, now) for sign in signs],
        "is_unknown": found.signs is None,
        "tasks": sum(len(sign.tasks) for sign in signs if not is_silent(sign, now)),
        "swept": ago(found.swept_at, now) if found.swept_at else "",
    }


def _process(sign: Sign, now: datetime) -> Mapping[str, Any]:
    is_late = (now - sign.at).total_seconds() > 6 * life_signs.EVERY_SECONDS
    return {
        "name": sign.name,
        "kind": _("worker") if sign.kind == "worker" else _("beat"),
        "level": BAD if is_silent(sign, now) else WARN if is_late else GOOD,
        "state": _("not seen") if is_silent(sign, now) else _("late") if is_late else _("runs"),
        "seen": ago(sign.at, now),
        "processes": sign.processes if sign.kind == "worker" else None,
        "queues": ", ".join(sign.queues),
        "tasks": [
            _("%(task)s, for %(span)s") % {"task": _TASKS.get(task.name, task.name), "span": span(task.since, now)}
            for task in sign.tasks
        ],
    }


def _pause(row: Pause, now: datetime) -> Mapping[str, Any]:
    return {
        "what": what_is_paused(row),
        "reason": mask_person_numbers(row.reason),
        "by": mask_person_numbers(row.paused_by),
        "at": row.paused_at,
        "span": span(row.paused_at, now),
    }


def _trouble(request: HttpRequest, row: Trouble, now: datetime) -> Mapping[str, Any]:
    reason = mask_person_numbers(row.reason)
    return {
        "title": mask_person_numbers(row.title) or _("(without a title)"),
        "link": links.letter(row.letter),
        "mailing_link": links.mailing(request, row.mailing) if row.letters > 1 else "",
        "resource": row.resource,
        "reason": reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]}…",
        "at": row.at,
        "ago": ago(row.at, now) if row.at else "",
        "others": row.letters - 1,
    }


_site = cast(StaffSite, admin.site)
_site.start_page = start_page
_site.further_pages.append(path("figures/", _site.admin_view(figures), name="start_figures"))
