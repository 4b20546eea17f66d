"""The audit log."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """Who did what in the back-office, when and why."""

    name = "config.audit"
    label = "audit"
    verbose_name = _("Audit log")
