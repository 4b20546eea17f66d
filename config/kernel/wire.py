"""Strict fields and serializers: the shape of what senders write (contract http-api.md §2, validation.md §1).

What they raise is turned into the contract's keys by wire_faults.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any, NoReturn
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import empty

from config.kernel import uuids, wire_time
from config.kernel.errors import SchemaError
from config.kernel.wire_faults import UNREADABLE, WHOLE, faults_of, form_faults_of, pascal

# For lists that the contract sets no limit; its forms have 1024 (http-api.md §4).
MAX_ENTRIES = 1000
_INT32 = range(-(2**31), 2**31)


class WireField(serializers.Field):
    """A field whose null is, unless it is allowed, unreadable: a scalar."""

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        if data is None and not self.allow_null:
            self.unreadable("must not be null")
        return super().validate_empty_values(data)

    def unreadable(self, what: str) -> NoReturn:
        raise serializers.ValidationError(f"{self.field_name or 'The value'} {what}.", code=UNREADABLE)

    def broken(self, *rules: str) -> NoReturn:
        name = pascal(self.field_name or "Value")
        raise serializers.ValidationError([f"{name} {rule}." for rule in rules], code="rule")


class Text(WireField):
    """A JSON string, kept as it is sent: nothing is trimmed. Lengths count characters."""

    def __init__(self, *, max_length: int | None = None, may_be_empty: bool = False, **kwargs: Any) -> None:
        self.max_length, self.may_be_empty = max_length, may_be_empty
        super().__init__(**kwargs)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        if data is None and not self.allow_null:
            self.broken("must have a value")  # null for a required text is a broken rule, not an unreadable value
        return super().validate_empty_values(data)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.unreadable("must be a string")
        rules = list(self._broken_rules(data))
        if rules:
            self.broken(*rules)
        return data

    def _broken_rules(self, text: str) -> Iterator[str]:
        demanded = self.required and not self.may_be_empty
        if demanded and not text.strip():
            yield "must have a value"
        if self.max_length is None:
            if demanded and not text:
                yield "must have at least 1 character"
        elif len(text) > self.max_length or (demanded and not text):
            yield f"must be {1 if demanded else 0} to {self.max_length} characters"


@extend_schema_field({"type": "string", "description": "Ignored whatever it holds; derived from the resource."})
class Ignored(WireField):
    """A retired member."""

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return True, None


@extend_schema_field(OpenApiTypes.BOOL)
class Flag(WireField):
    """A JSON boolean and nothing else."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.unreadable("must be true or false")
        return data


@extend_schema_field(OpenApiTypes.DATETIME)
class Moment(WireField):
    """A date-time of ISO 8601; without offset UTC."""

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str):
            self.unreadable("must be a date-time in a string")
        try:
            return wire_time.parse(data)
        except ValueError:
            self.unreadable("must be an ISO 8601 date-time, such as 2026-01-05T08:00:00+01:00")


@extend_schema_field(OpenApiTypes.UUID)
class Uuid(WireField):
    """A UUID of 36 characters with hyphens, in any casing."""

    def __init__(self, *, not_zero: bool = False, **kwargs: Any) -> None:
        self.not_zero = not_zero
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> UUID:
        value = uuids.parse_hyphenated(data) if isinstance(data, str) else None
        if value is None:
            self.unreadable("must be a UUID of 36 characters with hyphens")
        if self.not_zero and value.int == 0:
            self.broken("must not be the zero UUID")
        return value


class WireEnum(WireField):
    """A name in any casing, a number, or a number in a string. Answers the name; a number that has none as it is.

    `must_have_name` refuses such numbers.
    """

    def __init__(
        self,
        choices: type[IntEnum],
        *,
        must_have_name: bool = False,
        **kwargs: Any,
    ) -> None:
        self.enum, self.must_have_name = choices, must_have_name
        self._by_name = {member.name.lower(): member for member in choices}
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str | int:
        if isinstance(data, str) and data.lower() in self._by_name:
            return self._by_name[data.lower()].name
        number = _whole_number(data)
        if number is None:
            self.unreadable(f"must be one of {', '.join(member.name for member in self.enum)}")
        if number in {member.value for member in self.enum}:
            return self.enum(number).name
        if self.must_have_name:
            self.broken(f"must be one of {', '.join(member.name for member in self.enum)}")
        return number


@extend_schema_field(OpenApiTypes.INT32)
class WholeNumber(WireField):
    """A JSON number without fraction, or one in a string, of 32 bits."""

    def __init__(self, *, most: int | None = None, **kwargs: Any) -> None:
        self.most = most
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        number = _whole_number(data)
        if number is None:
            self.unreadable("must be a whole number")
        if self.most is not None and number > self.most:
            self.broken(f"must be at most {self.most}")
        return number


def _whole_number(data: Any) -> int | None:
    if isinstance(data, str) and data.isascii() and data.removeprefix("-").isdigit() and len(data) <= 11:
        data = int(data)
    return data if isinstance(data, int) and not isinstance(data, bool) and data in _INT32 else None


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class TextMap(WireField):
    """An object of strings, its keys as they are sent."""

    def __init__(self, *, max_items: int, max_key: int, max_value: int, **kwargs: Any) -> None:
        self.max_items, self.max_key, self.max_value = max_items, max_key, max_value
        super().__init__(**kwargs)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        if data is None:
            self.broken("must not be null")
        return super().validate_empty_values(data)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict):
            self.unreadable("must be an object of strings")
        if len(data) > self.max_items:
            self.broken(f"must have at most {self.max_items} pairs")
        unreadable = {
            key: [ErrorDetail(f"The value of {key} must be a string.", code=UNREADABLE)]
            for key, value in data.items()
            if not isinstance(value, str | None)
        }
        if unreadable:
            raise serializers.ValidationError(unreadable)
        if rules := list(self._broken_rules(data)):
            self.broken(*rules)
        return data

    def _broken_rules(self, pairs: dict[str, str | None]) -> Iterator[str]:
        if any(len(key) > self.max_key for key in pairs):
            yield f"must have keys of at most {self.max_key} characters"
        if any(value is None for value in pairs.values()):
            yield "must not have null as a value"
        if any(value is not None and len(value) > self.max_value for value in pairs.values()):
            yield f"must have values of at most {self.max_value} characters"


class WireListSerializer(serializers.ListSerializer[Any]):
    """A list of objects, of MAX_ENTRIES at the most where nothing is said."""

    max_length: int | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        child: Any = self.child
        child.allow_null = False  # that the list may be null says nothing of its entries

    def to_internal_value(self, data: Any) -> list[Any]:
        name = self.field_name or "The value"
        if not isinstance(data, list):
            raise serializers.ValidationError({WHOLE: [ErrorDetail(f"{name} must be a list.", code=UNREADABLE)]})
        if len(data) > self.limit:
            # Its entries are not read: there may be a million of them.
            text = f"{pascal(name)} must have at most {self.limit} entries."
            raise serializers.ValidationError({WHOLE: [ErrorDetail(text, code="rule")]})
        values: list[Any] = []
        errors: dict[Any, Any] = {}
        child: Any = self.child
        for index, item in enumerate(data):
            try:
                values.append(child.run_validation(item))
            except serializers.ValidationError as error:
                errors[index] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return values

    @property
    def limit(self) -> int:
        """How many entries there may be at the most."""
        return MAX_ENTRIES if self.max_length is None else self.max_length

    def run_validation(self, data: Any = empty) -> Any:
        if data is None and not self.allow_null:
            text = f"{pascal(self.field_name or 'Value')} must not be null."
            raise serializers.ValidationError({WHOLE: [ErrorDetail(text, code="rule")]})
        return super().run_validation(data)


class WireSerializer(serializers.Serializer[Any]):
    """An object whose names are read in any casing; of two spellings the last wins; unknown names are ignored."""

    class Meta:
        list_serializer_class = WireListSerializer

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            self._whole("must be an object", UNREADABLE)
        canonical = {str(name).lower(): name for name in self.fields}
        named = {canonical[key.lower()]: value for key, value in data.items() if key.lower() in canonical}
        return super().to_internal_value(named)

    def run_validation(self, data: Any = empty) -> Any:
        if data is None and not self.allow_null:
            self._whole("must not be null", "rule")
        return super().run_validation(data)

    def _whole(self, what: str, code: str) -> NoReturn:
        text = f"{self.field_name or 'The body'} {what}."
        raise serializers.ValidationError({WHOLE: [ErrorDetail(text, code=code)]})

    def checked(self, *, form: bool = False) -> Any:
        """What was sent, checked. `form`: faults are told by the names of a form, not as those of JSON.

        Raises:
            SchemaError: it breaks the schema.
        """
        if not self.is_valid():
            raise SchemaError(form_faults_of(self.errors) if form else faults_of(self.errors))
        return self.validated_data
