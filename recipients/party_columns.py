"""The columns of a CSV file of parties."""

from django.utils.translation import gettext_lazy as _

from config.imports.columns import BadLine, Column, checked, truth
from recipients.identifiers import NotARecipient, registered_urn
from recipients.models import Party

IDENTIFIER = "identifier"
_checked_party_id = checked(Party, "party_id")


def _identifier(text: str) -> str:
    try:
        return registered_urn(text)
    except NotARecipient as fault:
        raise BadLine(fault.told) from None


def _party_id(text: str) -> str | None:
    return _checked_party_id(text) or None


COLUMNS = {
    column.name: column
    for column in (
        Column(
            IDENTIFIER,
            "urn",
            _identifier,
            _("Who it is: 0192: and the 9 digits of an organisation, the 11 digits of a person, or a URN."),
            "0192:314762290",
        ),
        Column("party_id", "party_id", _party_id, _("The party's number in Altinn, 1 to 10 digits."), "50001234"),
        Column("name", "name", checked(Party, "name"), _("At most 255 characters."), "BERG OG DAL AS"),
        Column("reserved", "is_reserved", truth, _("Reserved against digital post: ja or nei. Persons only."), "nei"),
        Column(
            "confidential_role",
            "has_confidential_role",
            truth,
            _("Has the role for confidential post: ja or nei. Organisations only."),
            "ja",
        ),
        Column("email", "email", checked(Party, "email"), _("An e-mail address."), "post@berg.example"),
        Column(
            "mobile",
            "mobile",
            checked(Party, "mobile"),
            _("8 digits, or + or 00 and digits, without blanks."),
            "+4722000000",
        ),
    )
}
