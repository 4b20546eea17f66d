"""Who calls: a valid token of each kind, and two that do not do. Each runs as a tool of its own over the document."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.acceptance.sender import PERSON, people
from tests.acceptance.service import Service
from tests.acceptance.uploader import RECIPIENT

DIALOGS = "https://dialogs.example/"
CITIZEN = people(2)[1].removeprefix(PERSON)
# The cases of the phase `coverage` are the same for everybody, and as many as the schemas have limits.
FUZZING, ALL_PHASES = "fuzzing,stateful", "examples,coverage,fuzzing,stateful"
LIFETIME_SECONDS = 6 * 3600  # of every token: the longest run ends within it
READ = "altinn:correspondence.read"


@dataclass(frozen=True)
class Caller:
    """One kind of caller, and how much of the cases it makes."""

    name: str
    header: str  # as `-H` takes it; empty: no token at all
    percent: int
    phases: str = FUZZING

    def cases(self, wanted: int) -> int:
        """Its part of the cases that are wanted for each operation; a few at the least."""
        return max(2, math.ceil(wanted * self.percent / 100))


class DialogIssuer:
    """Signs dialog tokens; the service trusts its public key by `settings`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._key = Ed25519PrivateKey.generate()
        self._file = folder / "dialogs.pem"
        self._file.write_bytes(self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    @property
    def settings(self) -> dict[str, str]:
        """What makes the service believe it, beside the issuer of development."""
        issuer = {"issuer": DIALOGS, "kind": "dialog", "algorithm": "EdDSA", "key_file": str(self._file)}
        return {"TRUSTED_ISSUERS": json.dumps([issuer])}

    def token(self, party: str) -> str:
        """Lets a citizen read the post of `party`, a URN."""
        claims = {"iss": DIALOGS, "c": PERSON + CITIZEN, "p": party, "a": "open;read", "l": 4}
        return jwt.encode({**claims, "exp": int(time.time()) + LIFETIME_SECONDS}, self._key, "EdDSA")


def callers(service: Service, dialogs: DialogIssuer) -> list[Caller]:
    """All of them, with fresh tokens. Those who reach most of the code come most often."""

    def token(*words: str) -> str:
        return service.manage("token", *words, "--expires-in", str(LIFETIME_SECONDS))

    def bearer(*words: str) -> str:
        return f"Authorization: Bearer {token(*words)}"

    dialog = dialogs.token(f"urn:altinn:organization:identifier-no:{RECIPIENT}")
    return [
        Caller("sender", bearer("--org", "991825827"), 40, ALL_PHASES),
        Caller("organisation", bearer("--org", RECIPIENT, "--scope", READ), 18, ALL_PHASES),
        Caller("person", bearer("--person", CITIZEN), 12),
        Caller("platform", f"PlatformAccessToken: {token('--platform', 'ttd')}", 14),
        Caller("dialog", f"Authorization: Bearer {dialog}", 10),
        Caller("wrong scope", bearer("--org", "991825827", "--scope", "altinn:elsewhere"), 3),
        Caller("no token", "", 3),
    ]
