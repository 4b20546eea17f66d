"""The recipients app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecipientsConfig(AppConfig):
    """Identifiers of recipients, and the party register."""

    name = "recipients"
    verbose_name = _("Recipients")
