"""What is known of recipients."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from recipients.identifiers import NotARecipient, parse_recipient


class Party(models.Model):
    """A person or organisation that can receive. Nobody must be here to receive."""

    urn = models.CharField("identifier", max_length=600, unique=True)
    name = models.CharField(max_length=255, blank=True)
    is_reserved = models.BooleanField("reserved against digital post", default=False)
    email = models.EmailField(blank=True)
    mobile = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ("pk",)
        verbose_name_plural = "parties"
        constraints = [models.CheckConstraint(condition=Q(urn__startswith="urn:"), name="party_is_named_by_urn")]

    def __str__(self) -> str:
        return self.name or f"party {self.pk}"

    def clean(self) -> None:
        """Any form that a recipient may be written in will do; kept as a URN."""
        try:
            self.urn = parse_recipient(self.urn)
        except NotARecipient as error:
            raise ValidationError({"urn": str(error)}) from error
