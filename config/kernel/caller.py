"""Who is calling, as far as the token says. Nothing below a view sees a request."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_ORGANIZATION = re.compile(r"[0-9]{9}")
_PERSON = re.compile(r"[0-9]{11}")
_PARTY_ID = re.compile(r"[0-9]{1,10}")
_URN = re.compile(r"urn:[!-~]{1,500}")
_LEVEL = re.compile(r"[0-9]{1,2}")
_ENOUGH = 99  # what a dialog token's level 0 stands for (contract access.md §4)


class IssuerKind(StrEnum):
    """Which family of rules a token follows (contract access.md §2 and §3)."""

    ALTINN = "altinn"
    MASKINPORTEN = "maskinporten"
    DIALOG = "dialog"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of one request: bare digits, never a URN."""

    kind: IssuerKind
    scopes: frozenset[str] = frozenset()
    organization: str | None = None
    person: str | None = None
    actor_urn: str | None = None  # a dialog token's `c`
    party_id: str | None = None
    dialog_party_urn: str | None = None  # a dialog token's `p`
    actions: frozenset[str] = frozenset()  # a dialog token's `a`
    authentication_level: int = 0
    names_person: bool = False  # there is a claim of a person, whether it can be read or not
    dialog_resource: str | None = None  # a dialog token's `s`: the one resource that it is for
    receives: bool = True  # False: what the token names is no recipient here
    owner_code: str | None = None  # from a platform token, which then decides whose behalf it is

    # DRF asks its user these two questions.
    is_authenticated = True
    is_active = True

    @property
    def identity(self) -> tuple[str | None, ...]:
        """What tells callers apart, whatever their tokens."""
        return (self.organization, self.person, self.party_id, self.actor_urn, self.owner_code)

    @property
    def is_known(self) -> bool:
        """Whether the token names anybody at all (contract access.md §2, CORR-04006)."""
        return bool(self.organization or self.person or self.party_id or self.actor_urn or self.owner_code)


def from_claims(kind: IssuerKind, claims: Mapping[str, Any]) -> Caller:
    """The caller that a verified bearer token names (contract access.md §2)."""
    party_id = str(claims.get("urn:altinn:partyid"))
    actor, party = (str(claims.get(name)).lower() for name in ("c", "p"))  # as recipients are stored
    dialog = kind is IssuerKind.DIALOG
    resource = claims.get("s")
    return Caller(
        kind=kind,
        scopes=_names(claims.get("scope"), " "),
        organization=_organization(claims),
        person=_digits(claims.get("pid"), _PERSON),
        party_id=party_id if _PARTY_ID.fullmatch(party_id) else None,
        actor_urn=actor if dialog and _URN.fullmatch(actor) else None,
        dialog_party_urn=party if dialog and _URN.fullmatch(party) else None,
        actions=_names(claims.get("a"), ";") if dialog else frozenset(),
        names_person=any(claims.get(name) is not None for name in ("pid", "urn:altinn:partyid")),
        dialog_resource=resource.rpartition(":")[2] if dialog and isinstance(resource, str) else None,
        authentication_level=_dialog_level(claims.get("l")) if dialog else _level(claims.get("urn:altinn:authlevel")),
    )


def _level(value: Any) -> int:
    """0 where there is none that can be read. Issuers write it as a number or as a text."""
    text = str(value)
    return int(text) if _LEVEL.fullmatch(text) else 0


def _dialog_level(value: Any) -> int:
    return _ENOUGH if str(value) == "0" else _level(value)


def _names(value: Any, separator: str) -> frozenset[str]:
    return frozenset(value.split(separator)) - {""} if isinstance(value, str) else frozenset()


def _organization(claims: Mapping[str, Any]) -> str | None:
    """The first that exists: system user's organisation, orgNumber, consumer, party of a dialog token."""
    candidates = (
        _iso6523_id(_system_user(claims).get("systemuser_org")),
        claims.get("urn:altinn:orgNumber"),
        _iso6523_id(claims.get("consumer")),
        claims.get("p"),
    )
    first = next((candidate for candidate in candidates if candidate is not None), None)
    return _digits(first, _ORGANIZATION)


def _system_user(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    details = _decoded(claims.get("authorization_details"))
    if isinstance(details, list):
        details = next((entry for entry in details if isinstance(entry, dict) and "systemuser_org" in entry), None)
    return details if isinstance(details, dict) else {}


def _iso6523_id(value: Any) -> Any:
    decoded = _decoded(value)
    return decoded.get("ID") if isinstance(decoded, dict) else None


def _decoded(value: Any) -> Any:
    """Some issuers write these objects as a string that holds JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _digits(value: Any, form: re.Pattern[str]) -> str | None:
    """The part after the last colon, if it has the form."""
    if not isinstance(value, str):
        return None
    tail = value.rpartition(":")[2]
    return tail if form.fullmatch(tail) else None
