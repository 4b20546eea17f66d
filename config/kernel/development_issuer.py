"""The issuer of a laptop: it signs whatever is asked, and is believed in development only."""

import fcntl
import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from jwt.algorithms import RSAAlgorithm

from config.kernel import scopes

NAME = "https://development-issuer.invalid/authentication/api/v1/openid/"
ALGORITHM = "RS256"
KEY_ID = "development"


class Disabled(Exception):
    """The development issuer is not enabled here."""


def public_key_file() -> Path:
    """The file of the public key set; made with its private key when there is none yet."""
    folder = settings.DEVELOPMENT_ISSUER_DIR
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # web and commands may both be the first
        if not (folder / "jwks.json").exists():
            _make(folder)
    return Path(folder / "jwks.json")


def _make(folder: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(os.open(folder / "private.pem", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
    jwk = {
        **RSAAlgorithm.to_jwk(key.public_key(), as_dict=True),
        "kid": KEY_ID,
        "alg": ALGORITHM,
        "use": "sig",
    }
    (folder / "jwks.json").write_text(json.dumps({"keys": [jwk]}))


def organization_token(organization: str, *, scope: str | None, now: datetime, lifetime: timedelta) -> str:
    """An enterprise's token: `urn:altinn:orgNumber` and `consumer`; scope write unless another is given."""
    claims = {
        "urn:altinn:orgNumber": organization,
        "consumer": {"authority": "iso6523-actorid-upis", "ID": f"0192:{organization}"},
        "urn:altinn:authlevel": "3",
        "scope": scopes.WRITE if scope is None else scope,
    }
    return sign(claims, now=now, lifetime=lifetime)


def person_token(person: str, *, scope: str | None, now: datetime, lifetime: timedelta) -> str:
    """A person's token: `pid`; scope read unless another is given."""
    claims = {"pid": person, "urn:altinn:authlevel": "4", "scope": scopes.READ if scope is None else scope}
    return sign(claims, now=now, lifetime=lifetime)


def platform_token(owner_code: str, *, now: datetime, lifetime: timedelta) -> str:
    """A platform token of the owner with that code (contract access.md §6)."""
    claims = {"iss": owner_code, "urn:altinn:app": "development", "aud": "platform.altinn.no"}
    return sign(claims, now=now, lifetime=lifetime)


def sign(claims: dict[str, Any], *, now: datetime, lifetime: timedelta) -> str:
    """A token with these claims; a negative lifetime makes an expired one.

    Raises:
        Disabled: this environment has no development issuer.
    """
    if not settings.DEVELOPMENT_ISSUER_ENABLED:
        raise Disabled
    folder = public_key_file().parent
    times = {"iat": int(now.timestamp()), "exp": int((now + lifetime).timestamp())}
    private_key = (folder / "private.pem").read_text()
    return jwt.encode({"iss": NAME, **claims, **times}, private_key, ALGORITHM, headers={"kid": KEY_ID})
