"""What is done to the people of the back-office."""

from datetime import datetime
from typing import Any

import structlog
from django.contrib.auth import get_user_model
from django.db import transaction

from config.staff import lockout, second_factor, sessions

logger = structlog.get_logger(__name__)


class NoSuchUser(Exception):
    """Nobody has this user name."""


@transaction.atomic
def reset_second_factor(*, username: str, by: str) -> int:
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
    logger.info("second_factor_reset", user=user.pk, by=by, sessions=ended)
    return ended


def lift_lockout(*, username: str, by: str) -> int:
    """Let a user name in again wherever it was locked out; answers from how many places."""
    places = lockout.lift(username)
    logger.info("staff_lockout_lifted", username=username, by=by, places=places)
    return places


def tidy(*, now: datetime) -> None:
    """Remove what is of no use any more: failures that ceased to count, sessions that are over."""
    failures, over = lockout.tidy(now), sessions.tidy(now)
    if failures or over:
        logger.info("staff_tidied", failures=failures, sessions=over)
