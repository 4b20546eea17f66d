"""What is known of recipients."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.masking import mask_person_numbers
from recipients.identifiers import NotARecipient, parse_recipient, registered_urn
from recipients.querysets import PartyQuerySet


class Party(models.Model):
    """A person or organisation that can receive. Nobody must be here to receive."""

    urn = models.CharField(_("identifier"), max_length=600, unique=True)
    # As in the claim urn:altinn:partyid of tokens that say no more than that (contract access.md §5).
    party_id = models.CharField(  # noqa: DJ001 - any number of parties may have none, and "" would be one
        _("party id"),
        max_length=10,
        null=True,
        blank=True,
        validators=[RegexValidator(r"\A[0-9]{1,10}\Z", _("Enter 1 to 10 digits."))],
    )
    name = models.CharField(_("name"), max_length=255, blank=True, default="", db_default="")
    is_reserved = models.BooleanField(_("reserved against digital post"), default=False, db_default=False)
    has_confidential_role = models.BooleanField(
        _("has the role for confidential post"),
        default=False,
        db_default=False,
        help_text=_("Asked of organisations only, and by resources that want it of them."),
    )
    email = models.EmailField(_("email"), blank=True, default="", db_default="")
    mobile = models.CharField(
        _("mobile"),
        max_length=32,
        blank=True,
        default="",
        db_default="",
        validators=[
            RegexValidator(
                r"\A(?:(?:\+|00)[0-9]+|[0-9]{8})\Z", _("Enter 8 digits, or + or 00 and digits, without blanks.")
            )
        ],
    )
    updated_at = models.DateTimeField(_("last changed"), db_default=Now(), editable=False)

    objects = PartyQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        constraints = [
            models.CheckConstraint(condition=Q(urn__startswith="urn:"), name="party_is_named_by_urn"),
            models.CheckConstraint(condition=Q(party_id__regex=r"^[0-9]{1,10}$"), name="party_id_is_a_number"),
            # Partial: most have none, and an import would pay for each of them.
            models.UniqueConstraint(
                fields=["party_id"],
                condition=Q(party_id__isnull=False),
                name="party_id_is_one_partys",
                violation_error_message=_("Another party has this party id."),
            ),
        ]

    def __str__(self) -> str:
        return mask_person_numbers(self.name) or gettext("party %(number)s") % {"number": self.pk}

    def clean(self) -> None:
        """Any form that a recipient may be written in will do; kept as a URN.

        A new one's check digits must fit. What is there already stays editable, whatever it was let in by.
        """
        self.party_id = self.party_id or None  # an empty form field is no id
        read = registered_urn if self._state.adding else parse_recipient
        try:
            self.urn = read(self.urn)
        except NotARecipient as error:
            raise ValidationError({"urn": error.told}) from error
