"""What the audit log keeps of a party.

The log is only added to, while a person may have what is known of him erased: so of a person it keeps that something
changed, with no more of the values than tells one from another.
"""

from collections.abc import Callable, Mapping
from typing import Any

from config.audit.rows import Changes, Facts
from recipients.identifiers import is_person
from recipients.models import Party

FACTS = ("party_id", "name", "is_reserved", "has_confidential_role", "email", "mobile")
_HIDDEN = "***"


def facts(party: Party) -> Facts:
    """By field."""
    return {"urn": party.urn, **{name: getattr(party, name) for name in FACTS}}


def told(urn: str, changes: Changes) -> Changes:
    """As the log may keep them; person numbers are masked by the log itself."""
    if not is_person(urn):
        return changes
    return {field: [_veiled(field, value) for value in pair] for field, pair in changes.items()}


def _veiled(field: str, value: Any) -> Any:
    veil = _VEILS.get(field)
    return veil(str(value)) if veil and value is not None else value


def _initials(name: str) -> str:
    return " ".join(word[0] + _HIDDEN for word in name.split())


def _address(email: str) -> str:
    local, at, host = email.rpartition("@")
    return local[:1] + _HIDDEN + at + host


def _last_digits(number: str) -> str:
    return _HIDDEN + number[-2:]


def _urn(urn: str) -> str:
    prefix, colon, _ = urn.rpartition(":")
    return prefix + colon + _HIDDEN


_VEILS: Mapping[str, Callable[[str], str]] = {
    "urn": _urn,
    "party_id": _last_digits,
    "name": _initials,
    "email": _address,
    "mobile": _last_digits,
}
