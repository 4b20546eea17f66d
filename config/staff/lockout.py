"""Who guesses is locked out: so many failures with one user name from one address.

The only module that knows django-axes.
Never by the address alone: a whole town hall may share one. Never for whether the user name exists: that is what a
guesser would like to learn.
"""

from datetime import datetime, timedelta
from math import ceil
from typing import Any

import structlog
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.kernel import clock
from config.kernel.client_address import client_address

logger = structlog.get_logger(__name__)


def address_of(request: HttpRequest) -> str | None:
    """What django-axes counts by (AXES_CLIENT_IP_CALLABLE)."""
    return client_address(request)


def is_locked_out(request: HttpRequest, username: str) -> bool:
    """Whether this user name has failed too often from where the request comes."""
    return not AxesProxyHandler.is_allowed(request, {"username": username})


def count_failure(request: HttpRequest, username: str) -> None:
    """One more failure; at the last one the answer to the request becomes `locked_out`."""
    user_login_failed.send(sender=__name__, credentials={"username": username}, request=request)


def forgive(request: HttpRequest, username: str) -> None:
    """Forget the failures of somebody who has shown all that is asked for."""
    address = client_address(request)
    AccessAttempt.objects.filter(username=username, ip_address=address).delete()


def lift(username: str) -> int:
    """Let a user name in again, wherever it was locked out; answers from how many places."""
    return int(AxesProxyHandler.reset_attempts(username=username))


def tidy(now: datetime) -> int:
    """Remove the failures that no longer count, and with them names and addresses; answers how many rows."""
    removed, _ = AccessAttempt.objects.filter(attempt_time__lte=now - _cool_off()).delete()
    return int(removed)


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None) -> HttpResponse:
    """The page for who is locked out (AXES_LOCKOUT_CALLABLE): 429, and when to come again."""
    username, address = (credentials or {}).get("username"), client_address(request)
    last = (
        AccessAttempt.objects.filter(username=username, ip_address=address)
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    seconds = ceil(max(1.0, ((last or clock.now()) + _cool_off() - clock.now()).total_seconds()))
    logger.warning("staff_locked_out", username=username, address=address, seconds=seconds)
    context = {"title": "Locked out for a while", "minutes": ceil(seconds / 60)}
    answer = render(request, "staff/locked_out.html", context, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def _cool_off() -> timedelta:
    return timedelta(seconds=settings.ADMIN_LOCKOUT_SECONDS)
