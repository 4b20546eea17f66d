"""Spans of time as people say them, in the user's language."""

from datetime import datetime, timedelta

from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_MINUTE = timedelta(minutes=1)


def span(since: datetime, now: datetime) -> str:
    """How long that is: seconds below a minute, else the two largest units."""
    if now - since >= _MINUTE:
        return timesince(since, now)
    seconds = max(0, int((now - since).total_seconds()))
    return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}


def ago(moment: datetime, now: datetime) -> str:
    """How long ago that was."""
    if now - moment < timedelta(seconds=1):
        return _("just now")
    return _("%(span)s ago") % {"span": span(moment, now)}
