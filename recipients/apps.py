"""The recipients app."""

from django.apps import AppConfig


class RecipientsConfig(AppConfig):
    """Identifiers of recipients, and the party register."""

    name = "recipients"
