"""Who came in, who left and who failed to come in, as the audit log has it.

A right password with a second factor missing is not in yet. Failures are noted so that no flood fills the log, which
keeps everything for ever: of one name the first in a while and its lock-out, and all in all so many in an hour.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from config.audit.actions import record
from config.audit.models import AuditEntry, Deed
from config.kernel import clock
from config.kernel.client_address import client_address
from config.staff import lockout, second_factor

# Of names that nobody has: whoever types his password where the name belongs must not find it here for ever. No user
# can be called so, since user names hold no blank.
UNKNOWN = "an unknown name"
MOST_FAILURES_IN_AN_HOUR = 100
_HOUR = timedelta(hours=1)

logger = structlog.get_logger(__name__)


def entered(request: HttpRequest) -> None:
    """Note that the session's user is in: he has shown all that is asked for."""
    user: Any = request.user
    details = {"second_factor": second_factor.is_passed(request), **_from(request)}
    record(Deed.LOGGED_IN, by=user.get_username(), now=clock.now(), target=user, details=details)


@receiver(user_logged_out, dispatch_uid="staff_logout_noted")
def _left(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    if user is not None:
        record(Deed.LOGGED_OUT, by=user.get_username(), now=clock.now(), target=user, details=_from(request))


@receiver(user_login_failed, dispatch_uid="staff_failure_noted")
def _failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """A wrong password, a wrong code, or one more try of who is locked out."""
    name, now = credentials.get("username") or "", clock.now()
    user = get_user_model().objects.filter(username=name).first()
    by = UNKNOWN if user is None else name
    locked_out = request is not None and lockout.is_locked_out(request, name)
    if not _is_noted_enough(by, locked_out, now):
        details = {"locked_out": locked_out, **_from(request)}
        record(Deed.LOGIN_FAILED, by=by, now=now, target=user, details=details)


def _is_noted_enough(by: str, locked_out: bool, now: datetime) -> bool:
    """Whether the log has enough of it: this hour's share, or the same already."""
    newest = list(AuditEntry.objects.newest(Deed.LOGIN_FAILED, MOST_FAILURES_IN_AN_HOUR))
    if len(newest) == MOST_FAILURES_IN_AN_HOUR and newest[-1].at > now - _HOUR:
        logger.warning("staff_failures_not_noted", most_in_an_hour=MOST_FAILURES_IN_AN_HOUR)
        return True
    since = now - timedelta(seconds=settings.ADMIN_LOCKOUT_SECONDS)
    return any((entry.by, entry.details.get("locked_out")) == (by, locked_out) for entry in newest if entry.at > since)


def _from(request: HttpRequest | None) -> dict[str, Any]:
    return {"address": client_address(request)} if request is not None else {}
