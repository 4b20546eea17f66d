"""Who guesses is locked out: so many failures with one user name from one address, or so many names from one.

The only module that knows django-axes.
Never by a few failures of the address alone: a whole town hall may share one. Never for whether the user name exists:
that is what a guesser would like to learn.
"""

from datetime import datetime, timedelta
from ipaddress import ip_network
from math import ceil
from typing import Any

import structlog
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from config.kernel import clock
from config.kernel.client_address import client_address

_ONE_CUSTOMERS = 64  # bits: what a provider gives to one, who may take any address in it

logger = structlog.get_logger(__name__)


class Handler(AxesDatabaseHandler):  # type: ignore[misc]  # django-axes has no types
    """Named as AXES_HANDLER; beside what django-axes counts, it counts the names that have failed from an address."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        return bool(super().is_locked(request, credentials)) or _shut_until(request) is not None


def address_of(request: HttpRequest) -> str | None:
    """What failures are counted by (AXES_CLIENT_IP_CALLABLE): of version 6 the network, as its first address."""
    address = client_address(request)
    if address is None or ":" not in address:
        return address
    return str(ip_network(f"{address}/{_ONE_CUSTOMERS}", strict=False).network_address)


def is_locked_out(request: HttpRequest, username: str) -> bool:
    """Whether this user name has failed too often from where the request comes, or too many names have."""
    return not AxesProxyHandler.is_allowed(request, {"username": username})


def count_failure(request: HttpRequest, username: str) -> None:
    """One more failure; at the last one the answer to the request becomes `locked_out`."""
    user_login_failed.send(sender=__name__, credentials={"username": username}, request=request)


def forgive(request: HttpRequest, username: str) -> None:
    """Forget the failures of somebody who has shown all that is asked for."""
    AccessAttempt.objects.filter(username=username, ip_address=address_of(request)).delete()


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
    shut_until, until = _shut_until(request), _name_shut_until(request, username)
    seconds = ceil(max(1.0, (max(shut_until or until, until) - clock.now()).total_seconds()))
    counted = {} if shut_until is None else {"every_name_from": address_of(request)}
    logger.warning("staff_locked_out", username=username, address=address, seconds=seconds, **counted)
    context = {"title": _("Locked out for a while"), "minutes": ceil(seconds / 60), "of_every_name": bool(counted)}
    answer = render(request, "staff/locked_out.html", context, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def _shut_until(request: HttpRequest) -> datetime | None:
    """Until when nobody logs in from the address, since too many names have failed from there; None: it is open.

    Only where PROXIES_IN_FRONT says whose address it is: else, behind a proxy, it may be that of everybody.
    """
    if not (settings.PROXIES_IN_FRONT and settings.ADMIN_LOGIN_NAMES):
        return None
    failures = AccessAttempt.objects.filter(ip_address=address_of(request), attempt_time__gt=clock.now() - _cool_off())
    names = failures.values("username").annotate(last=Max("attempt_time")).order_by("-last")
    last_of_too_many = names.values_list("last", flat=True)[settings.ADMIN_LOGIN_NAMES - 1 :].first()
    return None if last_of_too_many is None else last_of_too_many + _cool_off()


def _name_shut_until(request: HttpRequest, username: str | None) -> datetime:
    failures = AccessAttempt.objects.filter(username=username, ip_address=address_of(request))
    last = failures.aggregate(last=Max("attempt_time"))["last"]
    return (last or clock.now() - _cool_off()) + _cool_off()


def _cool_off() -> timedelta:
    return timedelta(seconds=settings.ADMIN_LOCKOUT_SECONDS)
