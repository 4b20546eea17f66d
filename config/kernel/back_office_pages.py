"""Long lists of the back-office page by page, newest first, by the id: no page costs more than the first one.

Ids are UUIDs of version 7, so their order is that in which the rows were made. Nothing is counted from end to end.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db import connection
from django.db.models import Model, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

# So many of the next rows are looked through before the filters are asked where their rows lie.
WINDOW = 20_000
MOST_COUNTED = 10_000
_MILLION = 1_000_000
_CURSOR = re.compile(r"(?P<way>older|newer)\.(?P<offset>[0-9]{1,9})\.(?P<id>[0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """From which row on a page goes, and which way; `offset`: how many rows were before it, newest first."""

    id: UUID
    newer: bool
    offset: int

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None for what is not one of ours: the first page, then."""
        match = _CURSOR.fullmatch(text)
        return cls(UUID(match["id"]), match["way"] == "newer", int(match["offset"])) if match else None

    def __str__(self) -> str:
        return f"{'newer' if self.newer else 'older'}.{self.offset}.{self.id.hex}"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which ids all rows lie that the filters let through; None: there is no such end."""

    first: UUID | None = None  # included
    end: UUID | None = None  # not included

    def __and__(self, other: "Bounds") -> "Bounds":
        firsts = [each for each in (self.first, other.first) if each is not None]
        ends = [each for each in (self.end, other.end) if each is not None]
        return Bounds(max(firsts, default=None), min(ends, default=None))


@dataclass(frozen=True, slots=True)
class HowMany:
    """How many rows there are, and how well that is known."""

    number: int
    is_about: bool = False  # PostgreSQL's estimate
    is_least: bool = False  # and nobody counted further

    def of(self, first: int, last: int) -> str:
        """`1–100 of about 1.2 million`."""
        known = {"first": _grouped(first), "last": _grouped(last)}
        if self.is_about and self.number >= _MILLION:
            millions = number_format(round(self.number / _MILLION, 1), 1)
            return _("%(first)s–%(last)s of about %(count)s million") % {**known, "count": millions}
        if self.is_about:
            digits = len(str(self.number)) - 2
            return _("%(first)s–%(last)s of about %(count)s") % {
                **known,
                "count": _grouped(round(self.number, -digits)),
            }
        if self.is_least:
            return _("%(first)s–%(last)s of %(count)s or more") % {**known, "count": _grouped(self.number)}
        return _("%(first)s–%(last)s of %(count)s") % {**known, "count": _grouped(self.number)}


def _grouped(number: int) -> str:
    return number_format(number, 0, force_grouping=True)


def ids_of(rows: QuerySet[Any], bounds: Bounds, cursor: Cursor | None, most: int) -> list[UUID]:
    """The next ids from the cursor on, nearest first; at most three statements.

    First the nearest rows are walked through in the order of their ids: what people look for is mostly there. Only
    where that does not fill the page PostgreSQL is asked for all rows that the filters let through, by whatever index
    they have, and sorts them. Left to choose, it takes for granted that these are spread evenly over the table, and
    walks through all of it to find an owner's letters that went out a year ago.
    """
    newer = cursor is not None and cursor.newer
    ahead = bounds & _from(cursor)
    near = between(rows, ahead).order_by("pk" if newer else "-pk")
    if not rows.query.where:
        return list(near.values_list("pk", flat=True)[:most])
    edge = edge_of(rows.model, ahead, newer=newer)
    if edge is None:
        return list(near.values_list("pk", flat=True)[:most])
    walked = Bounds(end=edge) if newer else Bounds(first=edge)
    left = Bounds(first=edge) if newer else Bounds(end=edge)
    found = list(between(near, walked).values_list("pk", flat=True)[:most])
    if len(found) < most:
        found += _sorted_ids(between(rows, ahead & left), newer=newer)[: most - len(found)]
    return found


def _from(cursor: Cursor | None) -> Bounds:
    if cursor is None:
        return Bounds()
    # The least id above it, as the lower end is included.
    return Bounds(first=UUID(int=min(cursor.id.int + 1, (1 << 128) - 1))) if cursor.newer else Bounds(end=cursor.id)


def between(rows: QuerySet[Any], bounds: Bounds) -> QuerySet[Any]:
    """The rows whose ids lie there."""
    named = {"pk__gte": bounds.first, "pk__lt": bounds.end}
    return rows.filter(**{name: end for name, end in named.items() if end is not None})


def edge_of(model: type[Model], ahead: Bounds, *, newer: bool) -> UUID | None:
    """The id of the row that lies a window further on; None where there are fewer rows."""
    every = between(model._default_manager.all(), ahead).order_by("pk" if newer else "-pk")
    return every.values_list("pk", flat=True)[WINDOW : WINDOW + 1].first()


def _sorted_ids(rows: QuerySet[Any], *, newer: bool) -> QuerySet[Any]:
    """In the order of the id, which the id's index cannot give: a UUID's text sorts as the UUID does."""
    text: Any = Cast("pk", TextField())
    return rows.order_by(text.asc() if newer else text.desc()).values_list("pk", flat=True)


def how_many(rows: QuerySet[Any], at_least: int) -> HowMany:
    """Of rows of which there are more than `at_least`.

    Counted where they are few by PostgreSQL's estimate, and an index leads to them; else the estimate has to do.
    """
    every, wanted = _rows_of_table(rows.model), rows.order_by().values("pk")
    if every >= MOST_COUNTED and not rows.query.where:
        return HowMany(every, is_about=True)
    [plan] = json.loads(wanted.explain(format="json"))
    estimate = int(plan["Plan"]["Plan Rows"])
    is_led = estimate <= 3 * MOST_COUNTED and not _reads_through(plan["Plan"], rows.model._meta.db_table)
    if is_led or every < MOST_COUNTED:
        counted = wanted[: MOST_COUNTED + 1].count()
        if counted <= MOST_COUNTED or estimate <= MOST_COUNTED:
            return HowMany(min(counted, MOST_COUNTED), is_least=counted > MOST_COUNTED)
    return HowMany(estimate, is_about=True) if estimate > at_least else HowMany(at_least, is_least=True)


def _reads_through(plan: dict[str, Any], table: str) -> bool:
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] == table:
        return True
    return any(_reads_through(part, table) for part in plan.get("Plans", ()))


def _rows_of_table(model: type[Model]) -> int:
    """As the database has last counted them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
        [estimate] = cursor.fetchone()
    return int(estimate)


class NewestFirst(ChangeList):
    """A list without numbered pages: newer, older, newest. `model_admin.for_list` says what is fetched with a row."""

    model_admin: Any
    newest_link = newer_link = older_link = ""

    def get_results(self, request: HttpRequest) -> None:
        """One page, and how many rows there are as far as that is cheap to know."""
        self.request = request
        cursor, size = Cursor.read(request.GET.get(PAGE_VAR, "")), self.list_per_page
        ids = ids_of(self.queryset, self.bounds, cursor, size + 1)
        if cursor is not None and cursor.newer:
            kept, has_older = ids[:size][::-1], True
            has_newer = len(ids) > size
            before = max(0, cursor.offset - len(kept)) if has_newer else 0
        else:
            kept, has_older, has_newer = ids[:size], len(ids) > size, cursor is not None
            before = cursor.offset if cursor else 0
        self._link(kept, before, has_newer=has_newer, has_older=has_older)
        self.result_list = self._fetched(kept)
        last = before + len(kept)
        known = how_many(self.queryset, last) if has_older else HowMany(last)
        self.result_count, self.position = known.number, known.of(before + 1, last) if kept else ""
        # What Django's own templates and actions ask for.
        self.show_full_result_count, self.full_result_count, self.show_admin_actions = False, None, bool(kept)
        self.can_show_all = self.multi_page = False
        self.paginator = self.model_admin.get_paginator(request, self.queryset, size)

    @cached_property
    def bounds(self) -> Bounds:
        """What the filters say of ids."""
        found = Bounds()
        for spec in self.filter_specs:
            found &= getattr(spec, "bounds", Bounds())
        return found

    def _link(self, kept: Sequence[UUID], before: int, *, has_newer: bool, has_older: bool) -> None:
        if has_newer:
            self.newest_link = self.get_query_string()
        if has_newer and kept:
            self.newer_link = self.get_query_string({PAGE_VAR: str(Cursor(kept[0], newer=True, offset=before))})
        if has_older and kept:
            cursor = Cursor(kept[-1], newer=False, offset=before + len(kept))
            self.older_link = self.get_query_string({PAGE_VAR: str(cursor)})

    def _fetched(self, ids: Sequence[UUID]) -> list[Any]:
        rows = self.model_admin.for_list(self.root_queryset).filter(pk__in=ids).in_bulk() if ids else {}
        return [rows[pk] for pk in ids if pk in rows]
