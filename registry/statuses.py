"""Kinds of resources, as Altinn's resource registry names them."""

from django.db.models import TextChoices


class ResourceType(TextChoices):
    """Only the first carries correspondence; AltinnApp may with a dialog (contract validation.md §4, row 5)."""

    CORRESPONDENCE_SERVICE = "CorrespondenceService"
    ALTINN_APP = "AltinnApp"
    GENERIC_ACCESS_RESOURCE = "GenericAccessResource"
    BROKER_SERVICE = "BrokerService"
    MASKINPORTEN_SCHEMA = "MaskinportenSchema"
    SYSTEM_RESOURCE = "Systemresource"
