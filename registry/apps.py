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
        from config.staff import reach
        from registry import checks  # noqa: F401 - registers them
        from registry.policies import has_nothing_beyond

        reach.ask_too(has_nothing_beyond)
        issuers.configured()
