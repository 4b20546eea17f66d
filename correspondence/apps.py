"""The correspondence app."""

from django.apps import AppConfig


class CorrespondenceConfig(AppConfig):
    """Mailings, each recipient's correspondence, and the queue that publishes them."""

    name = "correspondence"
