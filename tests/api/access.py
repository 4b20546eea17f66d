"""The tables of docs/access.md, and who the callers are that they name."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from config.kernel import clock
from tests.clients import Client
from tests.conftest import HOUR, OTHER_OWNER, OWNER
from tests.letters import ORGANIZATION, PERSON

PAGE = Path(__file__).parents[2] / "docs" / "access.md"

# --- the page --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One request on one thing, and what each caller is answered."""

    method: str
    path: str  # below the API's root, with its query
    thing: str  # what the column is about: an attachment, a letter to somebody
    state: str
    cells: Mapping[str, str]  # by caller

    def __str__(self) -> str:
        return f"{self.method} {self.path}, {self.thing} {self.state}".rstrip()

    @property
    def operation(self) -> tuple[str, str]:
        """Method and path, which has no query and no names of parameters."""
        return self.method, nameless(self.path.partition("?")[0])


def nameless(path: str) -> str:
    """The path with `{}` for each parameter, whatever its name."""
    return re.sub(r"\{\w+\}", "{}", path)


def rows() -> list[Row]:
    """Of every table whose first column is `endpoint`. An empty first cell says: the one above."""
    found, endpoint = [], ""
    for (first, thing, *callers), lines in _tables():
        if first != "endpoint":
            continue
        for written, state, *cells in lines:
            endpoint = written or endpoint
            method, path = endpoint.split()
            found.append(Row(method, path, thing, state, dict(zip(callers, cells, strict=True))))
    return found


@cache
def legend() -> dict[str, str]:
    """What each caller that the page explains is to the letters of its tables."""
    return {name: is_what for (first, *_), lines in _tables() if first == "caller" for name, _, is_what in lines}


def _tables() -> Iterator[tuple[list[str], list[list[str]]]]:
    for block in re.findall(r"(?:^\|.*\n)+", PAGE.read_text(), re.MULTILINE):
        header, _, *lines = (
            [cell.strip().replace("`", "") for cell in line.split("|")[1:-1]] for line in block.splitlines()
        )
        yield header, lines


# --- callers ---------------------------------------------------------------------------------------------------------

WRITE, READ, PORTAL = "altinn:correspondence.write", "altinn:correspondence.read", "altinn:portal/enduser"
SENDS = f"altinn:serviceowner {WRITE}"  # of direct Maskinporten tokens
OTHER_SCOPE = "altinn:broker.write altinn:correspondence.reader"

OTHER_RECIPIENT = "urn:altinn:organization:identifier-no:310080632"
DELEGATE = "urn:altinn:organization:identifier-no:991825827"
DELEGATE_ELSEWHERE = "urn:altinn:organization:identifier-no:313721728"
ACCOUNTANT = "urn:altinn:organization:identifier-no:315058384"
COLLEAGUE = "urn:altinn:person:identifier-no:15868492047"
OTHER_PERSON = "urn:altinn:person:identifier-no:17858296439"
READER = "urn:altinn:person:identifier-no:10828497311"
READER_ELSEWHERE = "urn:altinn:person:identifier-no:24926112631"
CITIZEN = "urn:altinn:person:identifier-no:15868492128"
PARTY_ID = "50012345"  # the person's, in the register

PARTIES = {"owner": f"0192:{OWNER}", "recipient": ORGANIZATION, "person": PERSON}


class Tokens:
    """Signs as trusted issuers of every kind do. All have one key."""

    _NAMES = {
        "altinn": "https://altinn.example/",
        "maskinporten": "https://maskinporten.example/",
        "dialog": "https://dialogs.example/",
    }

    def __init__(self, folder: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        (folder / "key.pem").write_bytes(self._key.public_key().public_bytes(serialization.Encoding.PEM, form))
        names = {**{name: kind for kind, name in self._NAMES.items()}, "fjordby": "platform", "dalen": "platform"}
        self.issuers = [
            {"issuer": name, "kind": kind, "algorithm": "ES256", "key_file": str(folder / "key.pem")}
            for name, kind in names.items()
        ]

    def altinn(self, scope: str, claims: dict[str, Any], lifetime: timedelta = HOUR) -> str:
        return self._signed(self._NAMES["altinn"], {"scope": scope, **claims}, lifetime)

    def organization(self, urn: str, scope: str) -> str:
        return self.altinn(scope, {"urn:altinn:orgNumber": urn[-9:]} | consumer(urn))

    def maskinporten(self, urn: str, scope: str) -> str:
        return self._signed(self._NAMES["maskinporten"], {"scope": scope, **consumer(urn)})

    def dialog(self, party: str, actions: str) -> str:
        """Somebody's who acts for the party."""
        return self._signed(self._NAMES["dialog"], {"c": CITIZEN, "p": party, "a": actions, "l": 4})

    def platform(self, owner_code: str) -> str:
        return self._signed(owner_code, {"urn:altinn:app": "app"})

    def _signed(self, issuer: str, claims: dict[str, Any], lifetime: timedelta = HOUR) -> str:
        times = {"iss": issuer, "exp": int((clock.now() + lifetime).timestamp())}
        return jwt.encode({**claims, **times}, self._key, "ES256")


def consumer(urn: str) -> dict[str, Any]:
    return {"consumer": {"authority": "iso6523-actorid-upis", "ID": f"0192:{urn[-9:]}"}}


def system_user(urn: str) -> dict[str, Any]:
    """Of the organisation, in a system that another one sells."""
    organization = {"systemuser_org": {"authority": "iso6523-actorid-upis", "ID": f"0192:{urn[-9:]}"}}
    return {"authorization_details": [organization], **consumer(DELEGATE_ELSEWHERE)}


def pid(urn: str) -> dict[str, Any]:
    return {"pid": urn[-11:]}


def forged(token: str) -> str:
    """The same, signed by a key that nobody trusts."""
    return jwt.encode(
        jwt.decode(token, options={"verify_signature": False}), ec.generate_private_key(ec.SECP256R1()), "ES256"
    )


def callers(t: Tokens) -> dict[str, list[Client]]:
    """By the name of its column. Where it is several, each is answered what the cell says."""
    beside = {"PlatformAccessToken": t.platform("fjordby")}
    expired = timedelta(seconds=-1)
    return {
        "none": [Client()],
        "bad": [
            Client(t.altinn(WRITE, consumer(OWNER), expired)),
            Client(t.altinn(READ, consumer(ORGANIZATION), expired)),
            Client(forged(t.organization(OWNER, WRITE))),
            Client(forged(t.organization(ORGANIZATION, READ))),
            Client(forged(t.altinn(READ, pid(PERSON)))),
            Client(PlatformAccessToken=forged(beside["PlatformAccessToken"])),
        ],
        "other scope": [
            Client(t.organization(OWNER, OTHER_SCOPE)),
            Client(t.organization(ORGANIZATION, OTHER_SCOPE)),
            Client(t.altinn(OTHER_SCOPE, pid(PERSON))),
        ],
        "owner": [Client(t.organization(OWNER, WRITE)), Client(t.altinn(WRITE, system_user(OWNER)))],
        "owner, read": [Client(t.organization(OWNER, READ))],
        "clerk": [Client(t.altinn(WRITE, pid(CITIZEN) | consumer(OWNER)))],
        "platform": [Client(**beside), Client(t.organization(DELEGATE_ELSEWHERE, ""), **beside)],
        "Maskinporten": [Client(t.maskinporten(OWNER, SENDS))],
        "Maskinporten, write": [Client(t.maskinporten(OWNER, WRITE))],
        "Maskinporten, read": [Client(t.maskinporten(ORGANIZATION, READ))],
        "delegate": [Client(t.organization(DELEGATE, WRITE)), Client(t.maskinporten(DELEGATE, SENDS))],
        "delegate elsewhere": [Client(t.organization(DELEGATE_ELSEWHERE, WRITE))],
        "other owner": [
            Client(t.organization(OTHER_OWNER, WRITE)),
            Client(t.maskinporten(OTHER_OWNER, SENDS)),
            Client(PlatformAccessToken=t.platform("dalen")),
        ],
        "nobody": [Client(t.altinn(WRITE, {}))],
        "recipient": [
            Client(t.organization(ORGANIZATION, READ)),
            Client(t.altinn(READ, system_user(ORGANIZATION))),
        ],
        "recipient, write": [
            Client(t.organization(ORGANIZATION, WRITE)),
            Client(t.maskinporten(ORGANIZATION, SENDS)),
        ],
        "other recipient": [Client(t.organization(OTHER_RECIPIENT, READ))],
        "reader": [Client(t.altinn(READ, pid(READER))), Client(t.organization(ACCOUNTANT, READ))],
        "reader elsewhere": [Client(t.altinn(READ, pid(READER_ELSEWHERE)))],
        "through a vendor": [
            Client(t.altinn(READ, pid(CITIZEN) | consumer(ORGANIZATION))),
            Client(t.altinn(READ, pid(CITIZEN) | {"urn:altinn:orgNumber": ORGANIZATION[-9:]})),
        ],
        "dialog": [Client(t.dialog(ORGANIZATION, "open;read"))],
        "dialog, no read": [Client(t.dialog(ORGANIZATION, "open"))],
        "other dialog": [Client(t.dialog(OTHER_RECIPIENT, "read"))],
        "person": [
            Client(t.altinn(READ, pid(PERSON))),
            Client(t.altinn(READ, pid(PERSON) | consumer(DELEGATE_ELSEWHERE))),
            Client(t.altinn(READ, {"urn:altinn:partyid": PARTY_ID})),
        ],
        "person, portal": [Client(t.altinn(PORTAL, pid(PERSON)))],
        "other person": [Client(t.altinn(READ, pid(OTHER_PERSON)))],
        "person's dialog": [Client(t.dialog(PERSON, "read"))],
    }


def colleague(t: Tokens) -> Client:
    """One more who may read what was sent to the recipient and to the person; in no column."""
    return Client(t.altinn(READ, pid(COLLEAGUE)))
