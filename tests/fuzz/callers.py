"""Who calls: a valid token of each kind, and two that do not do. Each runs as a tool of its own over the document."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.acceptance.sender import PERSON, people
from tests.acceptance.service import Service
from tests.acceptance.uploader import RECIPIENT

DIALOGS = "https://dialogs.example/"
CITIZEN = people(2)[1].removeprefix(PERSON)
LIFETIME_SECONDS = 6 * 3600  # of every token: the longest run ends within it
SENDER = "991825827"
READ = "altinn:correspondence.read"


@dataclass(frozen=True)
class Caller:
    """One kind of caller, and how much of the cases it makes."""

    name: str
    header: str  # as `-H` takes it; empty: no token at all
    percent: int

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


def token(service: Service, *words: str) -> str:
    """What the command `token` prints, good for the whole run."""
    return service.manage("token", *words, "--expires-in", str(LIFETIME_SECONDS))


def callers(service: Service, dialogs: DialogIssuer, only: Sequence[str] = ()) -> list[Caller]:
    """All of them, or those named, with fresh tokens. Those who reach most of the code come most often."""

    def bearer(*words: str) -> str:
        return f"Authorization: Bearer {token(service, *words)}"

    def dialog() -> str:
        return f"Authorization: Bearer {dialogs.token(f'urn:altinn:organization:identifier-no:{RECIPIENT}')}"

    kinds: dict[str, tuple[Callable[[], str], int]] = {
        "sender": (partial(bearer, "--org", SENDER), 40),
        "organisation": (partial(bearer, "--org", RECIPIENT, "--scope", READ), 18),
        "person": (partial(bearer, "--person", CITIZEN), 12),
        "platform": (lambda: f"PlatformAccessToken: {token(service, '--platform', 'ttd')}", 14),
        "dialog": (dialog, 10),
        "wrong scope": (partial(bearer, "--org", SENDER, "--scope", "altinn:elsewhere"), 3),
        "no token": (str, 3),
    }
    return [Caller(name, header(), percent) for name, (header, percent) in kinds.items() if not only or name in only]
