"""Trusted issuers: their keys, their kinds, and what is refused at start (design §7)."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from config.kernel import issuers
from registry.models import Resource
from tests.clients import Client, problem
from tests.conftest import OTHER_OWNER, OWNER
from tests.files import CONTENT, body, uploaded
from tests.letters import letter
from tests.mail import work
from tests.tokens import CLAIMS, ISSUER, WRITE, exp


def pem(key: Any) -> str:
    public: bytes = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return public.decode()


KEYS: dict[str, Callable[[], Any]] = {
    "RS256": lambda: rsa.generate_private_key(public_exponent=65_537, key_size=2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


@pytest.mark.parametrize("algorithm", sorted(KEYS))
def test_an_issuer_with_a_key_file_is_believed(resource: Resource, trust: Any, tmp_path: Path, algorithm: str) -> None:
    key = KEYS[algorithm]()
    (tmp_path / "key.pem").write_text(pem(key))
    trust({"issuer": ISSUER, "kind": "altinn", "algorithm": algorithm, "key_file": str(tmp_path / "key.pem")})

    good = jwt.encode({**CLAIMS, "iss": ISSUER, "exp": exp()}, key, algorithm, headers={"kid": "any"})
    without_expiry = jwt.encode({**CLAIMS, "iss": ISSUER}, key, algorithm)

    assert Client(good).post(letter()).status_code == 200
    assert problem(Client(without_expiry).post(letter())) == (401, None)


def test_one_issuers_key_does_not_speak_for_another(resource: Resource, trust: Any, tmp_path: Path) -> None:
    first, second = KEYS["RS256"](), KEYS["RS256"]()
    entries = []
    for name, key in (("a", first), ("b", second)):
        (tmp_path / name).write_text(pem(key))
        entries.append({"issuer": name, "kind": "altinn", "algorithm": "RS256", "key_file": str(tmp_path / name)})
    trust(*entries)

    crossed = jwt.encode({**CLAIMS, "iss": "a", "exp": exp()}, second, "RS256")

    assert problem(Client(crossed).post(letter())) == (401, None)


@pytest.mark.parametrize(("audience", "status"), [("us", 200), ("them", 401), (None, 401)])
def test_an_audience_is_demanded_where_one_is_set(
    resource: Resource, trust: Any, tmp_path: Path, audience: str | None, status: int
) -> None:
    key = KEYS["RS256"]()
    (tmp_path / "key.pem").write_text(pem(key))
    trust(
        {
            "issuer": ISSUER,
            "kind": "altinn",
            "algorithm": "RS256",
            "key_file": str(tmp_path / "key.pem"),
            "audience": "us",
        }
    )
    aud = {"aud": audience} if audience else {}

    bearer = jwt.encode({**CLAIMS, **aud, "iss": ISSUER, "exp": exp()}, key, "RS256")

    assert Client(bearer).post(letter()).status_code == status


@pytest.mark.parametrize(
    ("kind", "scope", "status"),
    [
        ("maskinporten", f"altinn:serviceowner {WRITE}", 200),
        ("maskinporten", WRITE, 403),
        ("maskinporten", "altinn:serviceowner", 403),
        ("dialog", WRITE, 401),
    ],
)
def test_the_kind_of_issuer_decides_what_a_scope_opens(
    resource: Resource, trust: Any, tmp_path: Path, kind: str, scope: str, status: int
) -> None:
    key = KEYS["ES256"]()
    (tmp_path / "key.pem").write_text(pem(key))
    trust({"issuer": ISSUER, "kind": kind, "algorithm": "ES256", "key_file": str(tmp_path / "key.pem")})
    claims = {"consumer": {"ID": f"0192:{OWNER}"}, "scope": scope, "iss": ISSUER, "exp": exp()}

    assert Client(jwt.encode(claims, key, "ES256")).post(letter()).status_code == status


@pytest.mark.parametrize(
    ("actions", "expected"), [("open;read", (401, "CORR-04001")), ("open", (403, None)), (None, (403, None))]
)
def test_a_dialog_token_looks_only_as_recipient_and_with_the_action_read(
    sender: Client, dialog_token: Any, actions: str | None, expected: tuple[int, str | None]
) -> None:
    correspondence_id = sender.post(letter()).json()["correspondences"][0]["correspondenceId"]
    dialog = Client(dialog_token({"p": f"urn:altinn:organization:identifier-no:{OWNER}", "a": actions}))

    assert problem(dialog.overview(correspondence_id)) == expected


@pytest.mark.parametrize(
    ("actions", "party", "expected"),
    [
        ("open;read", OTHER_OWNER, 200),
        ("open", OTHER_OWNER, 401),
        ("read", OWNER, 401),
    ],
)
def test_a_dialog_token_fetches_a_file_of_its_party_with_the_action_read(
    sender: Client, dialog_token: Any, actions: str, party: str, expected: int
) -> None:
    attachment_id = uploaded(sender)
    answer = sender.post(letter(f"0192:{OTHER_OWNER}", request__existingAttachments=[attachment_id])).json()
    work()

    client = Client(dialog_token({"p": f"urn:altinn:organization:identifier-no:{party}", "a": actions}))
    response = client.fetch(answer["correspondences"][0]["correspondenceId"], attachment_id)

    assert response.status_code == expected
    assert not response.streaming or body(response) == CONTENT


@pytest.mark.parametrize(
    "entries",
    [
        "x",
        ["x"],
        [{}],
        [{"issuer": "a", "kind": "other", "algorithm": "RS256", "jwks_url": "https://a.example"}],
        [{"issuer": "a", "kind": "altinn", "algorithm": "HS256", "jwks_url": "https://a.example"}],
        [{"issuer": "*", "kind": "altinn", "algorithm": "RS256", "jwks_url": "https://a.example"}],
        [{"issuer": "a", "kind": "altinn", "algorithm": "RS256"}],
        [{"issuer": "a", "kind": "altinn", "algorithm": "RS256", "key_file": "/nowhere"}],
    ],
)
def test_a_faulty_entry_is_told_at_start(settings: Any, entries: Any) -> None:
    settings.TRUSTED_ISSUERS = entries
    issuers.configured.cache_clear()

    with pytest.raises(ImproperlyConfigured, match="TRUSTED_ISSUERS"):
        apps.get_app_config("registry").ready()


class KeySetServer:
    """An issuer's web server on loopback: serves a key set, counts the asks, can go down."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = []
        self.asked, self.up = 0, True
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                self.send_response(200 if outer.up else 503)
                self.end_headers()
                self.wfile.write(json.dumps({"keys": outer.keys}).encode() if outer.up else b"")

            def log_message(self, *args: Any) -> None:
                return

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/jwks"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def add(self, key: rsa.RSAPrivateKey, kid: str) -> None:
        self.keys.append({**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid})

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def key_set_server() -> Iterator[KeySetServer]:
    server = KeySetServer()
    yield server
    server.close()


class TestKeySetBehindAUrl:
    """Keys are asked for once, kept, and served stale while the issuer is down (design §7)."""

    def bearer(self, key: rsa.RSAPrivateKey, kid: str | None) -> Client:
        headers = {"kid": kid} if kid else {}
        return Client(jwt.encode({**CLAIMS, "iss": ISSUER, "exp": exp()}, key, "RS256", headers=headers))

    def entry(self, server: KeySetServer) -> dict[str, Any]:
        return {"issuer": ISSUER, "kind": "altinn", "algorithm": "RS256", "jwks_url": server.url}

    def test_its_keys_are_asked_for_once(
        self, resource: Resource, trust: Any, key_set_server: KeySetServer, other_key: rsa.RSAPrivateKey
    ) -> None:
        key_set_server.add(other_key, "one")
        trust(self.entry(key_set_server))

        for _ in range(3):
            assert self.bearer(other_key, "one").post(letter()).status_code == 200
        assert key_set_server.asked == 1

    def test_keys_of_another_type_in_the_same_set_are_no_keys_for_its_tokens(
        self, resource: Resource, trust: Any, key_set_server: KeySetServer, other_key: rsa.RSAPrivateKey
    ) -> None:
        curve = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True)
        key_set_server.keys.append({**curve, "kid": "curve"})
        key_set_server.add(other_key, "one")
        trust(self.entry(key_set_server))

        assert problem(self.bearer(other_key, "curve").post(letter())) == (401, None)
        assert self.bearer(other_key, "one").post(letter()).status_code == 200

    def test_unknown_key_ids_do_not_hammer_the_issuer(
        self, resource: Resource, trust: Any, key_set_server: KeySetServer, other_key: rsa.RSAPrivateKey
    ) -> None:
        key_set_server.add(other_key, "one")
        trust(self.entry(key_set_server))

        for number in range(20):
            assert problem(self.bearer(other_key, f"unknown-{number}").post(letter())) == (401, None)
        assert key_set_server.asked == 1

    def test_keys_are_served_stale_while_the_issuer_is_down(
        self,
        resource: Resource,
        trust: Any,
        settings: Any,
        key_set_server: KeySetServer,
        other_key: rsa.RSAPrivateKey,
    ) -> None:
        settings.ISSUER_KEYS_FRESH_SECONDS = 0
        key_set_server.add(other_key, "one")
        trust(self.entry(key_set_server))
        assert self.bearer(other_key, "one").post(letter()).status_code == 200

        key_set_server.up = False

        assert self.bearer(other_key, "one").post(letter()).status_code == 200

    def test_an_issuer_that_was_never_reached_is_503(
        self, resource: Resource, trust: Any, key_set_server: KeySetServer, other_key: rsa.RSAPrivateKey
    ) -> None:
        key_set_server.up = False
        trust(self.entry(key_set_server))

        response = self.bearer(other_key, "one").post(letter())

        assert problem(response) == (503, None)
        assert int(response["Retry-After"]) > 0
