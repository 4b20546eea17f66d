"""Times as the wire writes and reads them (contract http-api.md §2)."""

import re
from datetime import UTC, datetime, timedelta, timezone

_FORM = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?(?:(Z)|([+-])(\d\d):(\d\d))?)?",
    re.ASCII,
)
# What .NET's ToString with the invariant culture writes, month first; and ISO 8601 with a blank in place of the T.
_DOTNET_FORM = re.compile(
    r"(?:(\d\d)/(\d\d)/(\d{4})|(\d{4}-\d\d-\d\d))(?: (\d\d:\d\d:\d\d(?:\.\d{1,7})?)(?: ?(Z|[+-]\d\d:\d\d))?)?",
    re.ASCII,
)

_LOST_PLUS = re.compile(r"(T\S+) (\d\d:\d\d)\Z", re.ASCII)


def parse(text: str) -> datetime:
    """The moment that an ISO 8601 text names, in UTC; a date alone is midnight, no offset means UTC.

    Raises:
        ValueError: the text names no moment, or one outside the years 1 to 9999 once moved to UTC.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError("not an ISO 8601 date-time")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    microsecond = int((match[7] or "").ljust(6, "0")[:6])
    local = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=_offset(match))
    try:
        return local.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999") from error


def parse_form(text: str) -> datetime:
    """As `parse`, and also what .NET's clients put into forms: `05/29/2031 13:31:28 +00:00`, month first.

    Raises:
        ValueError: as `parse` does.
    """
    match = _DOTNET_FORM.fullmatch(text)
    if match is None:
        return parse(text)
    month, day, year, iso_date, time, offset = match.groups()
    return parse((iso_date or f"{year}-{month}-{day}") + (f"T{time}{offset or ''}" if time else ""))


def parse_query(text: str) -> datetime:
    """As `parse_form`, and with a blank for the plus sign of an offset: what a query string makes of it, unescaped.

    Raises:
        ValueError: as `parse` does.
    """
    return parse_form(_LOST_PLUS.sub(r"\1+\2", text))


def _offset(match: re.Match[str]) -> timezone:
    if match[9] is None:
        return UTC
    hours, minutes = int(match[10]), int(match[11])
    if minutes > 59 or hours * 60 + minutes > 14 * 60:
        raise ValueError("not an offset")
    distance = timedelta(hours=hours, minutes=minutes)
    return timezone(distance if match[9] == "+" else -distance)


def write(moment: datetime) -> str:
    """`2026-01-05T08:00:01.1183+00:00`: always UTC, microseconds without trailing zeros."""
    utc = moment.astimezone(UTC)
    fraction = f".{utc.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{utc:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + f"{fraction}+00:00"
