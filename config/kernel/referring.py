"""What refers to a row and stays, so that the row must stay too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import PROTECT, Model

MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows of one kind that refer to the row."""

    kind: str  # in the plural, as the back-office calls them
    count: int
    is_more: bool  # than that, so many that counting them all would take long


def references(row: Model) -> Iterator[Reference]:
    """Whatever would be left pointing nowhere; none where the row may go. MOST_COUNTED of a kind are counted."""
    for relation in row._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and (relation.one_to_many or relation.one_to_one)):
            continue
        field: Any = relation
        if field.on_delete is PROTECT:
            rows = field.related_model._base_manager.filter(**{field.field.name: row})
            count = rows[: MOST_COUNTED + 1].count()
            if count:
                kind = str(field.related_model._meta.verbose_name_plural)
                yield Reference(kind, min(count, MOST_COUNTED), is_more=count > MOST_COUNTED)
