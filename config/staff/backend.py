"""Passwords of the back-office."""

from typing import Any

from django.contrib.auth.backends import ModelBackend


class StaffBackend(ModelBackend):
    """Lets in staff only, since there is no other door.

    Refused here, an account that is not staff fails as a wrong password does, and is counted as one. Who ceases to be
    staff is out at the next request.
    """

    def user_can_authenticate(self, user: Any) -> bool:
        return super().user_can_authenticate(user) and bool(user.is_staff)
