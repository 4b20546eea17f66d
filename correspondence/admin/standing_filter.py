"""Letters by where they stand: a figure of the start page leads to a list of the very letters that it counts."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from config.kernel import clock
from config.kernel.back_office_filters import ChoiceFilter
from correspondence.models import Correspondence, StatusEvent
from correspondence.overview import midnight
from correspondence.standing import LATE, Standing, condition_of

PARAMETER = "where"
LATE_ONES, PUBLISHED_TODAY, FAILED_TODAY = "late", "published_today", "failed_today"

WORDS = {
    Standing.WAITING.value: _("waiting to be queued"),
    Standing.DUE.value: _("due now"),
    Standing.HELD_UP.value: _("put off after an error"),
    LATE_ONES: _("should be out by now"),
    Standing.PAUSED.value: _("paused"),
    Standing.SCHEDULED.value: _("scheduled for later"),
    Standing.SET_ASIDE.value: _("set aside"),
    PUBLISHED_TODAY: _("published today"),
    FAILED_TODAY: _("failed today"),
}


def _published_today(now: datetime) -> Q:
    return Q(pk__in=StatusEvent.objects.order_by().published_since(midnight(now)).values("correspondence"))


def _failed_today(now: datetime) -> Q:
    return Q(pk__in=StatusEvent.objects.order_by().failed_since(midnight(now)).values("correspondence"))


_OTHERS: Mapping[str, Callable[[datetime], Q]] = {
    LATE_ONES: lambda now: condition_of(LATE, now),
    PUBLISHED_TODAY: _published_today,
    FAILED_TODAY: _failed_today,
}


class StandingFilter(ChoiceFilter):
    """Where letters stand in the queue, or what became of them today."""

    title = _("where it stands")
    parameter, offered = PARAMETER, tuple(WORDS.items())

    def narrowed(self, rows: QuerySet[Correspondence]) -> QuerySet[Correspondence]:
        word, now = self.value, clock.now()
        if word in _OTHERS:
            return rows.filter(_OTHERS[word](now))
        return rows.filter(condition_of([Standing(word)], now))
