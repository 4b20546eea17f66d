"""What `manage.py migrate` and `manage.py check --deploy --database default` find in the database."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.core import checks
from django.db import DatabaseError, connections

from config.production import DEFAULT_PASSWORDS


@checks.register(checks.Tags.database)
def default_admin_password(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Outside development: the user `admin`, whom `load_demo` makes, must have a password of its own.

    Only that user: a password is tried as slowly here as anywhere, a third of a second each.
    """
    if settings.DEVELOPMENT or "default" not in (databases or ()):
        return []
    if any(check_password(word, hashed) for hashed in _passwords_of_admin() for word in DEFAULT_PASSWORDS):
        told = "The user admin has a password that everybody tries first."
        hint = "Give it another one, or remove it: manage.py changepassword admin"
        return [checks.Error(told, hint=hint, id="registry.E001")]
    return []


def _passwords_of_admin() -> list[str]:
    """None where there is no such user yet, or no database to ask: that is for the command to tell."""
    users = get_user_model()
    try:
        if users._meta.db_table not in connections["default"].introspection.table_names():
            return []
        return list(users.objects.filter(username="admin", is_active=True).values_list("password", flat=True))
    except DatabaseError:
        return []
