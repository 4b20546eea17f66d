"""The registry app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from config.kernel import issuers


class RegistryConfig(AppConfig):
    """Service owners and their resources."""

    name = "registry"
    verbose_name = _("Registry")

    def ready(self) -> None:
        """A faulty TRUSTED_ISSUERS keeps every process from starting, rather than every token from working."""
        from registry import checks  # noqa: F401 - registers them

        issuers.configured()
