"""The app, and the admin that stands on its site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class StaffConfig(AppConfig):
    """The doors of the back-office."""

    name = "config.staff"
    label = "staff"

    def ready(self) -> None:
        """Signals are received from here on."""
        from config.staff import logins, sessions  # noqa: F401  (models are there only now)


class BackOfficeConfig(AdminConfig):
    """Django's admin, behind our doors."""

    default_site = "config.staff.site.StaffSite"
