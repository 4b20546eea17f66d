"""The registry app."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Service owners and their resources."""

    name = "registry"
