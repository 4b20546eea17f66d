"""How long somebody stays in the back-office, and what a browser keeps of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers

from config.kernel import clock
from config.kernel.client_address import client_address

_LOGGED_IN_AT, _SEEN_AT = "staff_logged_in_at", "staff_seen_at"  # seconds since 1970
_SEEN_EVERY_SECONDS = 60  # not a write for each request
# What a page asks for by itself says so in this header, and keeps no session alive: nobody may be there.
BY_ITSELF = "X-By-Itself"

logger = structlog.get_logger(__name__)


@receiver(user_logged_in, dispatch_uid="staff_session_begins")
def _begin(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    request.session[_LOGGED_IN_AT] = request.session[_SEEN_AT] = int(clock.now().timestamp())
    logger.info("staff_password_accepted", user=user.pk, address=client_address(request))


class SessionRulesMiddleware:
    """Ends sessions of the back-office that are idle or old, and lets nobody keep its pages.

    Stands behind SessionMiddleware and before whatever asks for the user.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/admin/"):
            return self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            self._keep_or_end(request)
        response = self.get_response(request)
        add_never_cache_headers(response)
        return response

    def _keep_or_end(self, request: HttpRequest) -> None:
        session, now = request.session, int(clock.now().timestamp())
        if SESSION_KEY not in session:
            return
        if reason := _over(session, now):
            logger.info("staff_session_ended", user=session[SESSION_KEY], reason=reason)
            session.flush()
        elif BY_ITSELF not in request.headers and now - session[_SEEN_AT] >= _SEEN_EVERY_SECONDS:
            session[_SEEN_AT] = now


def _over(session: Any, now: int) -> str:
    """Why a session has ended; empty while it goes on."""
    if now - session.get(_LOGGED_IN_AT, 0) >= settings.ADMIN_SESSION_SECONDS:
        return "old"
    if now - session.get(_SEEN_AT, 0) >= settings.ADMIN_IDLE_SECONDS:
        return "idle"
    return ""


def end_all(user: Any) -> int:
    """Log a user out wherever he is logged in; answers how many sessions ended. Reads all of them: staff are few."""
    ended = 0
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()
            ended += 1
    return ended


def tidy(now: datetime) -> int:
    """Remove the rows of sessions that nobody can use any more; answers how many."""
    removed, _ = Session.objects.filter(expire_date__lt=now).delete()
    return int(removed)
