"""From a request's tokens to its Caller. The only module that knows simplejwt (docs/decisions/0005)."""

from dataclasses import replace
from typing import Any

import jwt
from jwt import PyJWK
from jwt.types import Options
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTStatelessUserAuthentication
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken

from config.kernel import issuers
from config.kernel.caller import Caller, IssuerKind, from_claims
from config.kernel.issuers import Issuer
from config.kernel.problems import IssuerUnavailable

PLATFORM_HEADER = "PlatformAccessToken"
_PLATFORM_SKEW_SECONDS = 10


class BadToken(Exception):
    """A token that is not believed; the text says why, in words that tell a sender what to mend."""


class IssuerAuthentication(JWTStatelessUserAuthentication):
    """Answers a request's Caller; None where it brings no token at all.

    A bearer token of any trusted issuer, a platform token, or both: then the platform token's owner is whom the
    caller acts for (contract access.md §6). A bad platform token is 401, beside a good bearer token 403.
    """

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:  # type: ignore[override]
        caller = self._bearer_caller(request)
        platform_token = request.headers.get(PLATFORM_HEADER)
        if platform_token is None:
            return (caller, None) if caller else None
        try:
            owner_code = _platform_owner(platform_token)
        except BadToken as error:
            if caller:
                raise PermissionDenied(f"{PLATFORM_HEADER}: {error}") from error
            raise AuthenticationFailed(f"{PLATFORM_HEADER}: {error}") from error
        return replace(caller or Caller(kind=IssuerKind.PLATFORM), owner_code=owner_code), None

    def authenticate_header(self, request: Request) -> str:
        sent = "Authorization" in request.headers or PLATFORM_HEADER in request.headers
        return 'Bearer error="invalid_token"' if sent else "Bearer"

    def _bearer_caller(self, request: Request) -> Caller | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise AuthenticationFailed("Authorization: only the scheme Bearer is read.")
        try:
            issuer, claims = _verified(token.strip())
        except BadToken as error:
            raise AuthenticationFailed(f"Authorization: {error}") from error
        return from_claims(issuer.kind, claims)


class IssuerBackend(TokenBackend):
    """simplejwt's backend, bound to one issuer's key: signature, expiry, audience where one is set."""

    def __init__(self, issuer: Issuer, key: PyJWK, leeway: int) -> None:
        super().__init__(algorithm=issuer.algorithm, audience=issuer.audience, leeway=leeway)
        self._key = key

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """The claims. Only what the contract names is checked (access.md §2): an `iat` from a fast clock is not."""
        options: Options = {
            "require": ["exp"],
            "verify_aud": self.audience is not None,
            "verify_iat": False,
            "verify_sub": False,
            "verify_jti": False,
        }
        try:
            return jwt.decode(
                token,
                self._key.key,
                algorithms=[self.algorithm],
                audience=self.audience,
                leeway=self.get_leeway(),
                options=options,
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenBackendExpiredToken("expired") from error
        except jwt.PyJWTError as error:
            raise TokenBackendError("invalid") from error


def _verified(token: str) -> tuple[Issuer, dict[str, Any]]:
    claims = _unverified_claims(token)
    name = claims.get("iss")
    issuer = issuers.find(name) if isinstance(name, str) else None
    if issuer is None:
        raise BadToken("the token's issuer is not trusted here.")
    return issuer, _decode(token, issuer, leeway=0)


def _platform_owner(token: str) -> str:
    code = _unverified_claims(token).get("iss")
    # Printable: codes are looked for in the database, which takes no NUL.
    issuer = issuers.find_platform(code) if isinstance(code, str) and code and code.isprintable() else None
    if issuer is None:
        raise BadToken("the token's issuer is not the code of an owner that is trusted here.")
    _decode(token, issuer, leeway=_PLATFORM_SKEW_SECONDS)
    return str(code)


def _unverified_claims(token: str) -> dict[str, Any]:
    try:
        return jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise BadToken("not a JSON web token.") from error


def _decode(token: str, issuer: Issuer, leeway: int) -> dict[str, Any]:
    try:
        key = issuer.keys.get(jwt.get_unverified_header(token).get("kid"))
        claims = IssuerBackend(issuer, key, leeway).decode(token)
    except issuers.KeysUnavailable as error:
        raise IssuerUnavailable from error
    except issuers.UnknownKey as error:
        raise BadToken("the issuer has no key of the token's key id.") from error
    except TokenBackendExpiredToken as error:
        raise BadToken("the token has expired.") from error
    except (TokenBackendError, jwt.PyJWTError) as error:
        raise BadToken("the token's signature, algorithm, audience or times (exp, nbf) are not acceptable.") from error
    return claims
