"""The issuers whose tokens are believed, and their keys (design §7)."""

import json
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Protocol

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from jwt import PyJWK, PyJWKSet
from jwt.algorithms import get_default_algorithms
from jwt.exceptions import PyJWKSetError

from config.kernel import development_issuer, key_sets
from config.kernel.caller import IssuerKind

# Each with the kind of key that it takes: a key set may hold others too.
_KEY_TYPES = {"RS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
ANY_OWNER = "*"
_FETCH_SECONDS = 3.0
_RETRY_SECONDS = 30  # an unknown key id, or an issuer that is down, is asked about this often at the most

logger = structlog.get_logger(__name__)


class KeysUnavailable(Exception):
    """The issuer's keys cannot be had, and none are kept that are young enough."""


class UnknownKey(Exception):
    """The issuer has no such key."""


class Keys(Protocol):
    """Where an issuer's public keys come from."""

    def get(self, key_id: str | None) -> PyJWK:
        """The key of that id; without an id, the only one.

        Raises:
            UnknownKey: there is none, or the token names none and there are several.
            KeysUnavailable: nobody can say.
        """


@dataclass(frozen=True, slots=True)
class Issuer:
    """One entry of TRUSTED_ISSUERS."""

    name: str
    kind: IssuerKind
    algorithm: str
    keys: Keys
    audience: str | None = None


class FileKeys:
    """Keys in a local file: a JWK set, or one public key as PEM."""

    def __init__(self, path: Path, algorithm: str) -> None:
        text = path.read_text()
        self._keys = (
            [_from_pem(text, algorithm)] if "-----BEGIN" in text else _usable(PyJWKSet.from_json(text), algorithm)
        )

    def get(self, key_id: str | None) -> PyJWK:
        return _pick(self._keys, key_id)


class RemoteKeys:
    """Keys behind a URL: asked for again when they are no longer fresh, served stale while the issuer is down.

    A thread of its own asks, one for each issuer, so that an issuer that answers without an end holds up no request for
    longer than _FETCH_SECONDS, and only those for which no key is kept.
    """

    def __init__(self, url: str, algorithm: str, fresh_seconds: float, stale_seconds: float) -> None:
        self._url, self._algorithm, self._fresh, self._stale = url, algorithm, fresh_seconds, stale_seconds
        self._keys: list[PyJWK] = []
        self._fetched_at = self._asked_at = float("-inf")
        self._lock = Lock()
        self._asking: Thread | None = None

    def get(self, key_id: str | None) -> PyJWK:
        if time.monotonic() - self._fetched_at > self._fresh:
            self._refresh()
        self._check_age()
        try:
            return _pick(self._keys, key_id)
        except UnknownKey:
            self._refresh()  # the issuer may have a new one
            return _pick(self._keys, key_id)

    def _refresh(self) -> None:
        with self._lock:
            is_asking = self._asking is not None and self._asking.is_alive()
            begins = not is_asking and time.monotonic() - self._asked_at >= _RETRY_SECONDS
            if begins:
                self._asked_at = time.monotonic()
                self._asking = Thread(target=self._fetch, name="issuer-keys", daemon=True)
                self._asking.start()
            asking = self._asking
        # Whoever began it waits, and those who can do nothing without; the others go on with what is kept.
        if asking is not None and (begins or not self._keys):
            asking.join(max(0.0, self._asked_at + _FETCH_SECONDS - time.monotonic()))

    def _fetch(self) -> None:
        try:
            keys = _usable(PyJWKSet.from_dict(key_sets.fetch(self._url, _FETCH_SECONDS)), self._algorithm)
            if not keys:
                raise PyJWKSetError("none of the keys is for the issuer's algorithm")
        except (OSError, ValueError, PyJWKSetError) as error:
            logger.warning("issuer_keys_not_fetched", url=self._url, error=str(error))
            return
        self._keys, self._fetched_at = keys, time.monotonic()

    def _check_age(self) -> None:
        if time.monotonic() - self._fetched_at > self._stale:
            raise KeysUnavailable(self._url)


def find(name: str) -> Issuer | None:
    """The issuer of bearer tokens with exactly this name."""
    return _trusted().get(name)


def find_platform(owner_code: str) -> Issuer | None:
    """The issuer of platform tokens for this owner, or the one that speaks for every owner."""
    if owner_code in _trusted():
        return None  # a bearer token in the wrong header
    return _trusted_platform().get(owner_code) or _trusted_platform().get(ANY_OWNER)


@cache
def _trusted() -> dict[str, Issuer]:
    return {issuer.name: issuer for issuer in _all() if issuer.kind is not IssuerKind.PLATFORM}


@cache
def _trusted_platform() -> dict[str, Issuer]:
    return {issuer.name: issuer for issuer in _all() if issuer.kind is IssuerKind.PLATFORM}


@cache
def _all() -> tuple[Issuer, ...]:
    return (*configured(), *_development_issuers())


@cache
def configured() -> tuple[Issuer, ...]:
    """The issuers of TRUSTED_ISSUERS; asked for at start, so that a faulty entry is told then.

    Raises:
        ImproperlyConfigured: an entry is faulty; the text says which, and how.
    """
    if not isinstance(settings.TRUSTED_ISSUERS, list):
        raise ImproperlyConfigured("TRUSTED_ISSUERS must be a JSON list of objects.")
    return tuple(_from_settings(entry) for entry in settings.TRUSTED_ISSUERS)


def _development_issuers() -> tuple[Issuer, ...]:
    if not settings.DEVELOPMENT_ISSUER_ENABLED:
        return ()
    keys = FileKeys(development_issuer.public_key_file(), development_issuer.ALGORITHM)
    return (
        Issuer(development_issuer.NAME, IssuerKind.ALTINN, development_issuer.ALGORITHM, keys),
        Issuer(ANY_OWNER, IssuerKind.PLATFORM, development_issuer.ALGORITHM, keys),
    )


def _from_settings(entry: Any) -> Issuer:
    """One trusted issuer. Raises ImproperlyConfigured, naming what is wrong."""
    if not isinstance(entry, dict):
        raise ImproperlyConfigured("TRUSTED_ISSUERS must be a JSON list of objects.")
    name = entry.get("issuer")
    try:
        kind, algorithm = IssuerKind(entry["kind"]), entry["algorithm"]
        if not name or algorithm not in _KEY_TYPES:
            raise ValueError(f"algorithm must be one of {', '.join(sorted(_KEY_TYPES))}")
        if name == ANY_OWNER and kind is not IssuerKind.PLATFORM:
            raise ValueError('issuer "*" is for kind "platform" only')
        return Issuer(name, kind, algorithm, _keys_of(entry, algorithm), entry.get("audience"))
    except (KeyError, ValueError, OSError, PyJWKSetError) as error:
        raise ImproperlyConfigured(f"TRUSTED_ISSUERS, issuer {name!r}: {error!r}") from error


def _keys_of(entry: dict[str, Any], algorithm: str) -> Keys:
    if "key_file" in entry:
        return FileKeys(Path(entry["key_file"]), algorithm)
    return RemoteKeys(
        entry["jwks_url"], algorithm, settings.ISSUER_KEYS_FRESH_SECONDS, settings.ISSUER_KEYS_STALE_SECONDS
    )


def _from_pem(text: str, algorithm: str) -> PyJWK:
    handler = get_default_algorithms()[algorithm]
    jwk = handler.to_jwk(handler.prepare_key(text))
    return PyJWK(json.loads(jwk) if isinstance(jwk, str) else jwk, algorithm)


def _usable(key_set: PyJWKSet, algorithm: str) -> list[PyJWK]:
    return [key for key in key_set.keys if key.key_type == _KEY_TYPES[algorithm]]


def _pick(keys: list[PyJWK], key_id: str | None) -> PyJWK:
    if key_id is None:
        if len(keys) == 1:
            return keys[0]
    else:
        for key in keys:
            # A single key without an id is a PEM file: it has no name to compare with.
            if key.key_id == key_id or (key.key_id is None and len(keys) == 1):
                return key
    raise UnknownKey(key_id)
