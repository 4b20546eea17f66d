"""Who may send what: service owners and their resources."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from registry.querysets import ResourceQuerySet
from registry.statuses import ResourceType


class ServiceOwner(models.Model):
    """An organisation that sends."""

    organization_number = models.CharField(
        max_length=9, unique=True, validators=[RegexValidator(r"\A[0-9]{9}\Z", "Nine digits.")]
    )
    # The `iss` of the owner's platform tokens (contract access.md §6).
    code = models.CharField(
        max_length=64, unique=True, null=True, blank=True, help_text="Short code, as in platform tokens."
    )
    name = models.CharField(max_length=255)

    class Meta:
        ordering = ("organization_number",)
        constraints = [
            models.CheckConstraint(
                condition=Q(organization_number__regex=r"^[0-9]{9}$"),
                name="service_owner_number_has_nine_digits",
            ),
            models.CheckConstraint(condition=~Q(code=""), name="service_owner_code_is_null_or_filled"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.organization_number})"

    def clean(self) -> None:
        self.code = self.code or None  # an empty form field is no code


class Resource(models.Model):
    """A message service of an owner."""

    id = models.CharField(
        "resource id",
        primary_key=True,
        max_length=255,
        validators=[RegexValidator(r"\A[A-Za-z0-9_.-]+\Z", "Letters, digits, _, . and - only.")],
    )
    owner = models.ForeignKey(ServiceOwner, on_delete=models.PROTECT, related_name="resources")
    type = models.CharField(max_length=32, choices=ResourceType.choices, default=ResourceType.CORRESPONDENCE_SERVICE)
    title = models.CharField(max_length=255, blank=True)
    minimum_authentication_level = models.PositiveSmallIntegerField(default=0)
    is_confidential = models.BooleanField(default=False)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(condition=~Q(id="") & ~Q(id__contains=":"), name="resource_id_has_no_prefix"),
            models.CheckConstraint(condition=Q(type__in=ResourceType.values), name="resource_type_is_known"),
        ]

    def __str__(self) -> str:
        return self.id
