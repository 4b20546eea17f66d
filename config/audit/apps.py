"""The audit log."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who did what in the back-office, when and why."""

    name = "config.audit"
    label = "audit"
