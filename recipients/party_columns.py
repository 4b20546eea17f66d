"""The columns of a CSV file of parties: what each is called, the fact that it holds, and how its text is read."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Field

from recipients.identifiers import NotARecipient, parse_recipient
from recipients.models import Party

IDENTIFIER = "identifier"
_TRUTHS = {
    **dict.fromkeys(("true", "1", "yes", "ja"), True),
    **dict.fromkeys(("false", "0", "no", "nei", ""), False),
}


class BadLine(ValueError):
    """A line that is left out. The text names the rule and never repeats the line: it may hold a person number."""


class Column(NamedTuple):
    """One column: its name in the header, the field of Party, and what gives the field's value for a text."""

    name: str
    field: str
    parse: Callable[[str], Any]

    def read(self, text: str) -> Any:
        """The value that the text stands for.

        Raises:
            BadLine: it stands for none.
        """
        try:
            return self.parse(text)
        except NotARecipient as fault:
            raise BadLine(f"{self.name} {fault.rule}") from None
        except ValidationError as fault:
            raise BadLine(f"{self.name}: {' '.join(fault.messages)}") from None


def _checked(name: str) -> Callable[[str], str]:
    """The text without blanks around it, if the model's own validators have no objection."""
    field = Party._meta.get_field(name)
    assert isinstance(field, Field)

    def parse(text: str) -> str:
        value = text.strip()
        field.run_validators(value)
        return value

    return parse


def _party_id(text: str) -> str | None:
    return _checked_party_id(text) or None


def _truth(text: str) -> bool:
    truth = _TRUTHS.get(text.strip().lower())
    if truth is None:
        raise ValidationError("Enter true or false, 1 or 0, ja or nei, yes or no, or nothing for false.")
    return truth


_checked_party_id = _checked("party_id")

COLUMNS = {
    column.name: column
    for column in (
        Column(IDENTIFIER, "urn", parse_recipient),
        Column("party_id", "party_id", _party_id),
        Column("name", "name", _checked("name")),
        Column("reserved", "is_reserved", _truth),
        Column("confidential_role", "has_confidential_role", _truth),
        Column("email", "email", _checked("email")),
        Column("mobile", "mobile", _checked("mobile")),
    )
}
