"""Tokens with any claims, signed by the development issuer."""

from datetime import timedelta
from typing import Any

from config.kernel import clock, development_issuer
from tests.conftest import HOUR, OWNER

WRITE = "altinn:correspondence.write"
ISSUER = "https://issuer.example/"
CLAIMS = {"urn:altinn:orgNumber": OWNER, "scope": WRITE}


def signed(claims: dict[str, Any], lifetime: timedelta = HOUR) -> str:
    return development_issuer.sign(claims, now=clock.now(), lifetime=lifetime)


def exp(lifetime: timedelta = HOUR) -> int:
    return int((clock.now() + lifetime).timestamp())
