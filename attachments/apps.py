"""The attachments app."""

from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    """Files that go along with correspondence."""

    name = "attachments"
