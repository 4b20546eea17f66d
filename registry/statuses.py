"""Kinds of resources, as Altinn's resource registry names them, and of rights that are given away."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ResourceType(TextChoices):
    """Only the first carries correspondence; AltinnApp may with a dialog (contract validation.md §4, row 5)."""

    CORRESPONDENCE_SERVICE = "CorrespondenceService", _("Correspondence Service")
    ALTINN_APP = "AltinnApp", _("Altinn App")
    GENERIC_ACCESS_RESOURCE = "GenericAccessResource", _("Generic Access Resource")
    BROKER_SERVICE = "BrokerService", _("Broker Service")
    MASKINPORTEN_SCHEMA = "MaskinportenSchema", _("Maskinporten Schema")
    SYSTEM_RESOURCE = "Systemresource", _("System Resource")


class Right(TextChoices):
    """What one party may do on behalf of another."""

    READ = "read", pgettext_lazy("right", "Read")
    WRITE = "write", pgettext_lazy("right", "Write")
