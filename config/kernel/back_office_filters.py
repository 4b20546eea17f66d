"""The filters above a long list: fields of one form, so that any of them can be set at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.admin import ListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import clock, uuids
from config.kernel.back_office_pages import Bounds

_FEW = 50  # as many choices a drop-down may have
_DAY = timedelta(days=1)


class FormFilter(ListFilter):
    """One field of the form. Where its value makes no sense, `fault` says so, and the list is empty."""

    in_form = True
    parameters: ClassVar[Sequence[str]]  # what it reads of the address; nothing else is looked up for it
    bounds = Bounds()
    fault: Any = ""
    used_parameters: dict[str, Any]  # what was asked for; none of it is empty

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.model, self.model_admin = model, model_admin
        for name in self.parameters:
            if name in params and (text := params.pop(name)[-1].strip()):
                self.used_parameters[name] = text
        self.read()

    def read(self) -> None:
        """Make of the texts what is looked for; says `fault` where that is nothing."""

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> Any:
        return list(self.parameters)

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield from ()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that are let through; none where the value makes no sense."""
        if self.fault:
            return queryset.none()
        return self.narrowed(queryset) if self.used_parameters else queryset

    def narrowed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows with what is looked for."""
        raise NotImplementedError

    @property
    def told(self) -> str:
        """What is looked for, in words; empty: nothing."""
        raise NotImplementedError


class ChoiceFilter(FormFilter):
    """A drop-down."""

    template = "staff/list/choice.html"
    parameter: ClassVar[str]
    offered: ClassVar[Sequence[tuple[str, Any]]]

    def __init_subclass__(cls) -> None:
        if hasattr(cls, "parameter"):
            cls.parameters = (cls.parameter,)

    @property
    def value(self) -> str:
        """What is looked for, as the address says it."""
        return str(self.used_parameters.get(self.parameter, ""))

    def read(self) -> None:
        if self.value and not self.told:
            self.fault = _("There is no such choice.")

    @property
    def told(self) -> str:
        return next((str(label) for value, label in self.offered if value == self.value), "")


class IdFilter(FormFilter):
    """The id of what rows belong to, which pages lead to; a field of the form only where it is set."""

    template = "staff/list/id.html"
    parameter: ClassVar[str]
    column: ClassVar[str]
    id: UUID | None = None

    def __init_subclass__(cls) -> None:
        if hasattr(cls, "parameter"):
            cls.parameters = (cls.parameter,)

    def read(self) -> None:
        self.id = uuids.parse_any(self.value) if self.value else None
        if self.value and self.id is None:
            self.fault = _("This is no id.")

    def has_output(self) -> bool:
        return bool(self.used_parameters)

    def narrowed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(**{self.column: self.id})

    @property
    def value(self) -> str:
        """What is looked for, as the address says it."""
        return str(self.used_parameters.get(self.parameter, ""))

    @property
    def told(self) -> str:
        return str(self.id or "")


class PeriodFilter(FormFilter):
    """From a day to a day, both included, in local time."""

    template = "staff/list/period.html"
    name: ClassVar[str]
    first: date | None = None
    last: date | None = None

    def __init_subclass__(cls) -> None:
        if hasattr(cls, "name"):
            cls.parameters = (f"{cls.name}_from", f"{cls.name}_to")

    def read(self) -> None:
        first, last = (self.used_parameters.get(name, "") for name in self.parameters)
        try:
            self.first = _day(first) if first else None
            self.last = _day(last) if last else None
        except ValueError:
            self.fault = _("A day is written as 2026-03-31.")
            return
        if self.first and self.last and self.first > self.last:
            self.fault = _("The first day is after the last.")

    @property
    def start(self) -> datetime | None:
        """The moment from which on."""
        return _begin(self.first) if self.first else None

    @property
    def end(self) -> datetime | None:
        """The moment before which."""
        return _begin(self.last + _DAY) if self.last else None

    @property
    def told(self) -> str:
        if self.first and self.last:
            if self.first == self.last:
                return date_format(self.first, "DATE_FORMAT")
            ends = {"first": date_format(self.first, "DATE_FORMAT"), "last": date_format(self.last, "DATE_FORMAT")}
            return gettext("%(first)s to %(last)s") % ends
        if self.first:
            return gettext("from %(day)s") % {"day": date_format(self.first, "DATE_FORMAT")}
        return gettext("until %(day)s") % {"day": date_format(self.last, "DATE_FORMAT")} if self.last else ""


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if not 1970 <= day.year <= 9998:
        raise ValueError("no day of ours")
    return day


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, get_current_timezone())


@dataclass(frozen=True, slots=True)
class Step:
    """A period that is one click away."""

    label: str
    link: str
    is_chosen: bool = False


class CreatedFilter(PeriodFilter):
    """When rows were made, which their ids tell; and years, months and days to click on, without a count."""

    title = _("created")
    name = "created"

    def read(self) -> None:
        super().read()
        if not self.fault:
            first, end = self.start, self.end
            self.bounds = Bounds(uuids.first_at(first) if first else None, uuids.first_at(end) if end else None)

    def narrowed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        named = {"pk__gte": self.bounds.first, "pk__lt": self.bounds.end}
        return rows.filter(**{lookup: end for lookup, end in named.items() if end is not None})

    def steps(self, changelist: Any) -> tuple[list[Step], list[Step]]:
        """The way back to all, and what the chosen period divides into."""

        def step(label: str, first: date, last: date) -> Step:
            chosen = (first, last) == (self.first, self.last)
            days = {"created_from": first.isoformat(), "created_to": last.isoformat()}
            return Step(label, changelist.get_query_string(days), chosen)

        year = _year_of(self.first, self.last)
        if self.first is None or year is None:
            return [], [step(str(n), date(n, 1, 1), date(n, 12, 31)) for n in self._years]
        whole = step(str(year), date(year, 1, 1), date(year, 12, 31))
        back = [Step(gettext("All dates"), changelist.get_query_string(remove=list(self.parameters))), whole]
        month = (
            self.first.month if self.last and (self.last.year, self.last.month) == (year, self.first.month) else None
        )
        if month is None:
            months = [date(year, n, 1) for n in range(1, 13)]
            return back, [step(date_format(day, "F"), day, _last_of(day)) for day in months if day <= self._today]
        begin = date(year, month, 1)
        back.append(step(date_format(begin, "YEAR_MONTH_FORMAT"), begin, _last_of(begin)))
        days = [begin + n * _DAY for n in range(_last_of(begin).day)]
        return back, [step(str(day.day), day, day) for day in days if day <= self._today]

    @cached_property
    def _today(self) -> date:
        return localdate(clock.now())

    @cached_property
    def _years(self) -> Sequence[int]:
        """From the table's oldest row on; newest first. One look at the end of the id's index."""
        oldest = self.model._default_manager.order_by("pk").values_list("pk", flat=True).first()
        made = uuids.made_at(oldest) if oldest else None
        first = localdate(made).year if made else self._today.year
        return range(self._today.year, max(min(first, self._today.year), self._today.year - 20) - 1, -1)


def _year_of(first: date | None, last: date | None) -> int | None:
    """The year that a period lies in, if that is a single one."""
    return first.year if first and last and first.year == last.year else None


def _last_of(day: date) -> date:
    """The last day of the month."""
    return (day.replace(day=1) + 32 * _DAY).replace(day=1) - _DAY


class NamedFilter(FormFilter):
    """One of the rows of another table that the user may see: by a drop-down where they are few, else by typing.

    Typed is the key, or a part of the key or the name; all that fit are looked for.
    """

    column: ClassVar[str]
    exact: ClassVar[str]  # the parameter that holds a primary key
    typed: ClassVar[str]  # and the one for what somebody typed

    def __init_subclass__(cls) -> None:
        if hasattr(cls, "exact"):
            cls.parameters = (cls.exact, cls.typed)

    def rows(self) -> QuerySet[Any]:
        """Those that the user may choose from."""
        raise NotImplementedError

    def fitting(self, text: str) -> QuerySet[Any]:
        """Those that somebody may mean by this text."""
        raise NotImplementedError

    @cached_property
    def some(self) -> list[Any]:
        """What a drop-down, or the suggestions while one types, hold."""
        return list(self.rows()[: _FEW + 1])

    @property
    def is_short(self) -> bool:
        """Whether all of them are there."""
        return len(self.some) <= _FEW

    @property
    def template(self) -> str:  # type: ignore[override]
        return "staff/list/named.html" if self.is_short else "staff/list/typed.html"

    def has_output(self) -> bool:
        return len(self.some) > 1 or bool(self.used_parameters)

    def read(self) -> None:
        if not self.used_parameters:
            return
        if not self.found:
            self.fault = _("Nothing that you can see is called that.")
        elif len(self.found) > _FEW:
            self.fault = _("Too many are called that: write more of it.")

    @cached_property
    def found(self) -> list[Any]:
        """Those that are looked for."""
        if key := self.used_parameters.get(self.exact):
            try:
                return list(self.rows().filter(pk=key))
            except (ValueError, OverflowError):
                return []
        text = self.used_parameters.get(self.typed, "")
        return list(self.fitting(text)[: _FEW + 1])

    @property
    def value(self) -> str:
        """The key of the one that is looked for."""
        return str(self.found[0].pk) if self.used_parameters and len(self.found) == 1 else ""

    @property
    def text(self) -> str:
        """What stands in the field to type in."""
        return self.used_parameters.get(self.typed, "") or self.value_typed

    @property
    def value_typed(self) -> str:
        """How one would type the one that is looked for."""
        return self.value

    @property
    def told(self) -> str:
        return ", ".join(str(row) for row in self.found) if self.used_parameters else ""

    def narrowed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(**{f"{self.column}__in": [row.pk for row in self.found]})
