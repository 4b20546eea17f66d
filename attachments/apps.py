"""The attachments app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttachmentsConfig(AppConfig):
    """Files that go along with correspondence."""

    name = "attachments"
    verbose_name = _("Attachments")

    def ready(self) -> None:
        """A storage or scanner that is set up wrongly keeps every process from starting."""
        from attachments.gauges import READINGS
        from attachments.scanners import scanner
        from attachments.storage import storage
        from config.kernel import readings

        storage()
        scanner()
        readings.add(*READINGS)
