"""What is done to the people of the back-office."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.contrib.auth import get_user_model
from django.db import transaction

from config.audit.actions import record
from config.audit.models import Deed
from config.staff import lockout, second_factor, sessions

logger = structlog.get_logger(__name__)


class NoSuchUser(Exception):
    """Nobody has this user name."""


@transaction.atomic
def reset_second_factor(*, username: str, by: str, now: datetime) -> int:
    """Take away a user's second factor and end his sessions; answers how many ended. `by` is a user name, or "command".

    Raises:
        NoSuchUser: as it says.
    """
    users = get_user_model().objects
    user: Any = users.select_for_update().filter(username=username).first()
    if user is None:
        raise NoSuchUser(f"There is no user {username}.")
    second_factor.forget(user)
    ended = sessions.end_all(user)
    note_change(user=user, what={"second_factor": "reset", "sessions_ended": ended}, by=by, now=now)
    logger.info("second_factor_reset", user=user.pk, by=by, sessions=ended)
    return ended


@transaction.atomic
def lift_lockout(*, username: str, by: str, now: datetime) -> int:
    """Let a user name in again wherever it was locked out; answers from how many places."""
    places = lockout.lift(username)
    user = get_user_model().objects.filter(username=username).first()
    note_change(user=user, what={"lockout": "lifted", "places": places}, by=by, now=now)
    logger.info("staff_lockout_lifted", username=username, by=by, places=places)
    return places


def note_change(*, user: Any, what: Mapping[str, Any], by: str, now: datetime) -> None:
    """The audit log says what has become of a user: of doors, rights and passwords. No password stands in `what`."""
    record(Deed.CHANGED, by=by, now=now, target=user, details=what)


def tidy(*, now: datetime) -> None:
    """Remove what is of no use any more: failures that ceased to count, sessions that are over."""
    failures, over = lockout.tidy(now), sessions.tidy(now)
    if failures or over:
        logger.info("staff_tidied", failures=failures, sessions=over)
