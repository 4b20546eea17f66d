"""The columns of a CSV file of resources."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.imports.columns import Column, checked, truth
from registry.models import Resource
from registry.statuses import ResourceType

KEY = "resource"
_MOST_DIGITS = 6
_checked_id = checked(Resource, "id")
_TYPES = {value.lower(): value for value in ResourceType.values}


def _id(text: str) -> str:
    if not text.strip():
        raise ValidationError(gettext("Enter the resource's id."))
    return _checked_id(text)


def _type(text: str) -> str:
    found = _TYPES.get(text.strip().lower() or ResourceType.CORRESPONDENCE_SERVICE.lower())
    if found is None:
        raise ValidationError(gettext("Enter one of %(types)s.") % {"types": ", ".join(ResourceType.values)})
    return found


def _whole_number(field: str) -> Callable[[str], Any]:
    column: Any = Resource._meta.get_field(field)

    def parse(text: str) -> int | None:
        digits = text.strip()
        if not digits:
            return None if column.null else 0
        if not (digits.isascii() and digits.isdigit()) or len(digits) > _MOST_DIGITS:
            raise ValidationError(gettext("Enter a whole number, or nothing."))
        column.run_validators(int(digits))
        return int(digits)

    return parse


def _days(name: str, explained: Any) -> Column:
    return Column(name, name, _whole_number(name), explained, "365")


COLUMNS = {
    column.name: column
    for column in (
        Column(KEY, "id", _id, _("The resource's id: letters, digits, _, . and -."), "fjordby-byggesak"),
        Column("owner", "owner", str.strip, _("The 9 digits of the service owner that it belongs to."), "312295202"),
        Column("title", "title", checked(Resource, "title"), _("At most 255 characters."), "Byggesak"),
        Column(
            "type",
            "type",
            _type,
            _("Its type in Altinn's resource registry; empty: CorrespondenceService."),
            "CorrespondenceService",
        ),
        Column(
            "minimum_authentication_level",
            "minimum_authentication_level",
            _whole_number("minimum_authentication_level"),
            _("The level at which a recipient must be logged in, 0 to 4; empty: 0."),
            "3",
        ),
        Column("confidential", "is_confidential", truth, _("Whether its letters are confidential: ja or nei."), "nei"),
        Column(
            "recipients_need_role",
            "recipients_need_role",
            truth,
            _("Whether confidential letters go only to organisations that have the role for them: ja or nei."),
            "nei",
        ),
        _days("purged_content_days", _("Days that content is kept after every copy was purged; empty: the service's.")),
        _days("expired_content_days", _("Days that content is kept after its due date; empty: the service's.")),
        _days("published_content_days", _("Days that content is kept after publishing; empty: the service's.")),
        _days("history_days", _("Days that history is kept after the content has gone; empty: the service's.")),
    )
}
