"""The correspondence app."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CorrespondenceConfig(AppConfig):
    """Mailings, each recipient's correspondence, and the queue that publishes them."""

    name = "correspondence"
    verbose_name = _("Correspondence")

    def ready(self) -> None:
        """Attachments ask us where they are used, and tell us when one is settled."""
        from attachments import usage
        from attachments.signals import settled
        from config.kernel import readings
        from correspondence.gauges import READINGS
        from correspondence.usage import CorrespondenceUsage

        usage.register(CorrespondenceUsage())
        readings.add(*READINGS)
        settled.connect(_attachment_settled, dispatch_uid="correspondence")


def _attachment_settled(attachment: Any, now: Any, **kwargs: Any) -> None:
    from correspondence import actions

    actions.attachment_settled(attachment=attachment, now=now)
