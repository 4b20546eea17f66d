"""Who may send and read what: service owners, their resources, and rights that were given away."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.kernel.clock import MOST_DAYS
from config.kernel.masking import mask_person_numbers
from recipients.identifiers import (
    ORGANIZATION_PREFIX,
    NotARecipient,
    organization_number_is_valid,
    party_urn,
    registered_urn,
)
from registry.querysets import DelegationQuerySet, ResourceQuerySet
from registry.statuses import ResourceType, Right


class ServiceOwner(models.Model):
    """An organisation that sends."""

    organization_number = models.CharField(
        _("organization number"),
        max_length=9,
        unique=True,
        validators=[RegexValidator(r"\A[0-9]{9}\Z", _("Nine digits."))],
    )
    # The `iss` of the owner's platform tokens (contract access.md §6).
    code = models.CharField(
        _("code"), max_length=64, unique=True, null=True, blank=True, help_text=_("Short code, as in platform tokens.")
    )
    name = models.CharField(_("name"), max_length=255)

    class Meta:
        ordering = ("organization_number",)
        verbose_name = _("service owner")
        verbose_name_plural = _("service owners")
        permissions = [("view_every_owner", "Can see what belongs to any service owner, a member or not")]
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
        """A new one's check digit must fit. What is there already stays editable, whatever it was let in by."""
        self.code = self.code or None  # an empty form field is no code
        number = self.organization_number
        if self._state.adding and len(number) == 9 and not organization_number_is_valid(number):
            raise ValidationError({"organization_number": _("The check digit, the last one, does not fit the others.")})


def _days(name: Any, help_text: Any) -> Any:
    """A column for how long something is kept."""
    return models.PositiveIntegerField(
        name,
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text=help_text,
    )


class Resource(models.Model):
    """A message service of an owner."""

    id = models.CharField(
        _("resource id"),
        primary_key=True,
        max_length=255,
        validators=[RegexValidator(r"\A[A-Za-z0-9_.-]+\Z", _("Letters, digits, _, . and - only."))],
    )
    owner = models.ForeignKey(
        ServiceOwner, verbose_name=_("service owner"), on_delete=models.PROTECT, related_name="resources"
    )
    type = models.CharField(
        _("type"), max_length=32, choices=ResourceType.choices, default=ResourceType.CORRESPONDENCE_SERVICE
    )
    title = models.CharField(_("title"), max_length=255, blank=True)
    minimum_authentication_level = models.PositiveSmallIntegerField(_("minimum authentication level"), default=0)
    is_confidential = models.BooleanField(_("is confidential"), default=False)
    recipients_need_role = models.BooleanField(
        _("recipients need role"),
        default=False,
        db_default=False,
        help_text=_("Confidential letters go only to organisations that have the role for them."),
    )
    purged_content_days = _days(
        _("purged content days"),
        _("Days that content of letters is kept after all of them were purged; empty: as the service's settings say."),
    )
    expired_content_days = _days(
        _("expired content days"),
        _("Days that content is kept after its due date; empty: as the service's settings say."),
    )
    published_content_days = _days(
        _("published content days"),
        _("Days that content is kept after publishing; empty: as the service's settings say."),
    )
    history_days = _days(
        _("history days"),
        _("Days that history is kept after the content has gone; empty: as the service's settings say."),
    )

    objects = ResourceQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        constraints = [
            models.CheckConstraint(condition=~Q(id="") & ~Q(id__contains=":"), name="resource_id_has_no_prefix"),
            models.CheckConstraint(condition=Q(type__in=ResourceType.values), name="resource_type_is_known"),
            models.CheckConstraint(
                condition=Q(
                    purged_content_days__lte=MOST_DAYS,
                    expired_content_days__lte=MOST_DAYS,
                    published_content_days__lte=MOST_DAYS,
                    history_days__lte=MOST_DAYS,
                ),
                name="resource_keeps_for_a_century_at_most",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class Membership(models.Model):
    """A user of the back-office works for a service owner: its letters, and what belongs to it, are what he sees."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.CASCADE, related_name="memberships"
    )
    owner = models.ForeignKey(
        ServiceOwner, verbose_name=_("service owner"), on_delete=models.CASCADE, related_name="memberships"
    )

    class Meta:
        ordering = ("pk",)
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=("user", "owner"), name="membership_is_held_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} of {self.owner}"


class Delegation(models.Model):
    """A right that one party has given to another: for one resource or, where that is null, for all."""

    # 255 characters, not as many as a recipient may have: both parties must fit into one index row.
    from_party = models.CharField(_("from"), max_length=255)
    to_party = models.CharField(_("to"), max_length=255)
    right = models.CharField(_("right"), max_length=5, choices=Right.choices)
    # Protected: what is given for a resource that goes must not end as given for all, nor unseen.
    resource = models.ForeignKey(
        Resource,
        verbose_name=_("resource"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="delegations",
        help_text=_("Empty: every resource."),
        error_messages={"invalid": _("There is no resource %(value)s.")},
    )
    created_at = models.DateTimeField(_("created at"))
    created_by = models.CharField(_("created by"), max_length=150)  # a user of the back-office, or "command"

    objects = DelegationQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        # What callers were given; the unique key begins with the giver.
        indexes = [models.Index(fields=["to_party", "from_party"], name="delegation_to_party")]
        constraints = [
            models.UniqueConstraint(
                fields=["from_party", "to_party", "right", "resource"],
                nulls_distinct=False,
                name="delegation_is_given_once",
                violation_error_message=_("This right is given already."),
            ),
            models.CheckConstraint(condition=Q(from_party__startswith="urn:"), name="delegation_is_from_a_urn"),
            models.CheckConstraint(condition=Q(to_party__startswith="urn:"), name="delegation_is_to_a_urn"),
            models.CheckConstraint(
                condition=~Q(from_party=F("to_party")),
                name="delegation_is_to_somebody_else",
                violation_error_message=_("A party has every right that it could give to itself."),
            ),
            models.CheckConstraint(condition=Q(right__in=Right.values), name="delegation_right_is_known"),
        ]

    def __str__(self) -> str:
        what = self.resource_id or "every resource"
        return mask_person_numbers(f"{self.right} for {what}, from {self.from_party} to {self.to_party}")

    @property
    def terms(self) -> dict[str, Any]:
        """What makes it this one and no other."""
        return {name: getattr(self, name) for name in ("from_party", "to_party", "right", "resource_id")}

    def clean(self) -> None:
        """Any form that an operator may write a party in will do; kept as URNs. A new one's check digits must fit."""
        faults = dict(self._parse_parties())
        if faults:
            raise ValidationError(faults)
        parties = [urn for urn in (self.from_party, self.to_party) if urn]
        if self.right == Right.WRITE and not all(urn.startswith(ORGANIZATION_PREFIX) for urn in parties):
            raise ValidationError(_("Only an organisation sends, and only for another one."))

    def _parse_parties(self) -> Iterator[tuple[str, str]]:
        for name in ("from_party", "to_party"):
            try:
                if text := getattr(self, name):
                    setattr(self, name, registered_urn(text, party_urn) if self._state.adding else party_urn(text))
            except NotARecipient as error:
                yield name, error.told
