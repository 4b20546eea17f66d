"""Kinds of resources, as Altinn's resource registry names them, and of rights that are given away."""

from django.db.models import TextChoices


class ResourceType(TextChoices):
    """Only the first carries correspondence; AltinnApp may with a dialog (contract validation.md §4, row 5)."""

    CORRESPONDENCE_SERVICE = "CorrespondenceService"
    ALTINN_APP = "AltinnApp"
    GENERIC_ACCESS_RESOURCE = "GenericAccessResource"
    BROKER_SERVICE = "BrokerService"
    MASKINPORTEN_SCHEMA = "MaskinportenSchema"
    SYSTEM_RESOURCE = "Systemresource"


class Right(TextChoices):
    """What one party may do on behalf of another."""

    READ = "read"
    WRITE = "write"
