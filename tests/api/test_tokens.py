"""Who may send: tokens, issuers, scopes (contract access.md §2-§6). Every refusal stores nothing."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
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

from config.kernel import clock, development_issuer, issuers
from config.kernel.development_issuer import KEY_ID, NAME
from correspondence.models import Mailing
from registry.models import Resource
from tests.clients import Client, problem
from tests.conftest import HOUR, OTHER_OWNER, OWNER, token
from tests.letters import letter

WRITE = "altinn:correspondence.write"
ISSUER = "https://issuer.example/"
CLAIMS = {"urn:altinn:orgNumber": OWNER, "scope": WRITE}


def signed(claims: dict[str, Any], lifetime: timedelta = HOUR) -> str:
    return development_issuer.sign(claims, now=clock.now(), lifetime=lifetime)


def exp(lifetime: timedelta = HOUR) -> int:
    return int((clock.now() + lifetime).timestamp())


@pytest.fixture
def other_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)]
    return ".".join([*parts, ""])


def hmac_with_the_public_key() -> str:
    jwk = json.loads(development_issuer.public_key_file().read_text())["keys"][0]
    pem = RSAAlgorithm.from_jwk(jwk).public_bytes(  # type: ignore[union-attr]
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": KEY_ID}).encode()).rstrip(b"=")
    payload = base64.urlsafe_b64encode(json.dumps({**CLAIMS, "iss": NAME, "exp": exp()}).encode()).rstrip(b"=")
    mac = hmac.new(pem, header + b"." + payload, hashlib.sha256).digest()
    return (header + b"." + payload + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


def forgeries() -> dict[str, str]:
    good = token()
    head, body, signature = good.split(".")
    other = base64.urlsafe_b64encode(json.dumps({**CLAIMS, "iss": NAME, "exp": exp(), "x": 1}).encode()).rstrip(b"=")
    return {
        "nothing": "",
        "junk": "junk",
        "three dots": "...",
        "not ASCII": "æ.ø.å",
        "another body": f"{head}.{other.decode()}.{signature}",
        "a cut signature": good[:-5],
        "no signature": f"{head}.{body}.",
        "alg none": unsigned({"alg": "none", "typ": "JWT", "kid": KEY_ID}, {**CLAIMS, "iss": NAME, "exp": exp()}),
        "HMAC with the public key": hmac_with_the_public_key(),
        "expired": token(lifetime=timedelta(seconds=-1)),
        "an unknown issuer": signed({**CLAIMS, "iss": "https://evil.example/"}),
        "an issuer with a slash less": signed({**CLAIMS, "iss": NAME.rstrip("/")}),
        "an issuer that is a list": unsigned({"alg": "RS256"}, {**CLAIMS, "iss": [NAME]}),
        "no issuer": unsigned({"alg": "RS256"}, CLAIMS),
        "not valid yet": signed({**CLAIMS, "nbf": exp()}),
        "no expiry": jwt.encode(
            {**CLAIMS, "iss": NAME}, (development_issuer.public_key_file().parent / "private.pem").read_text(), "RS256"
        ),
    }


@pytest.mark.parametrize("name", sorted(forgeries()))
def test_a_token_that_is_not_believed_is_401(resource: Resource, name: str) -> None:
    response = Client(Authorization=f"Bearer {forgeries()[name]}").post(letter())

    assert problem(response) == (401, None)
    assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert not Mailing.objects.exists()


def test_no_token_is_401_with_a_plain_challenge(stranger: Client, resource: Resource) -> None:
    response = stranger.post(letter())

    assert problem(response) == (401, None)
    assert response["WWW-Authenticate"] == "Bearer"


def test_another_scheme_is_401(resource: Resource) -> None:
    assert problem(Client(Authorization="Basic YTpi").post(letter())) == (401, None)


def test_another_key_with_the_same_id_is_401(resource: Resource, other_key: rsa.RSAPrivateKey) -> None:
    forged = jwt.encode({**CLAIMS, "iss": NAME, "exp": exp()}, other_key, "RS256", headers={"kid": KEY_ID})

    assert problem(Client(forged).post(letter())) == (401, None)


@pytest.mark.parametrize(
    "scope",
    ["", "altinn:correspondence.read", "altinn:correspondence.writer", "x-altinn:correspondence.write", WRITE.upper()],
)
def test_a_scope_that_is_not_write_is_403(resource: Resource, scope: str) -> None:
    assert problem(Client(token(scope=scope)).post(letter())) == (403, None)
    assert not Mailing.objects.exists()


@pytest.mark.parametrize("scope", [[WRITE], {"a": WRITE}, None, 1])
def test_a_scope_that_is_no_text_is_none(resource: Resource, scope: Any) -> None:
    assert problem(Client(signed({**CLAIMS, "scope": scope})).post(letter())) == (403, None)


def test_write_among_other_scopes_will_do(resource: Resource) -> None:
    assert Client(token(scope=f"openid {WRITE} altinn:correspondence.read")).post(letter()).status_code == 200


SENDERS: dict[str, dict[str, Any]] = {
    "orgNumber": {"urn:altinn:orgNumber": OWNER},
    "consumer": {"consumer": {"authority": "iso6523-actorid-upis", "ID": f"0192:{OWNER}"}},
    "consumer in a string": {"consumer": json.dumps({"ID": f"0192:{OWNER}"})},
    "a person with the consumer": {"pid": "01818517641", "consumer": {"ID": f"0192:{OWNER}"}},
    "a system user": {
        "authorization_details": {"systemuser_org": {"ID": f"0192:{OWNER}"}},
        "urn:altinn:orgNumber": OTHER_OWNER,
    },
    "a system user in a list": {"authorization_details": [{"systemuser_org": {"ID": f"0192:{OWNER}"}}]},
}


@pytest.mark.parametrize("claims", SENDERS.values(), ids=SENDERS)
def test_the_caller_is_the_organisation_that_the_claims_name(resource: Resource, claims: dict[str, Any]) -> None:
    assert Client(signed({**claims, "scope": WRITE})).post(letter()).status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"consumer": "{"},
        {"consumer": ["x"]},
        {"consumer": {"ID": 1}},
        {"urn:altinn:orgNumber": "x"},
        {"authorization_details": "["},
    ],
)
def test_claims_of_garbage_name_nobody(resource: Resource, claims: dict[str, Any]) -> None:
    assert problem(Client(signed({**claims, "scope": WRITE})).post(letter())) == (401, "CORR-04006")


@pytest.mark.parametrize(
    "claims", [{"iat": exp()}, {"iat": None}, {"sub": 5}, {"sub": None}, {"jti": 5}, {"jti": []}], ids=str
)
def test_claims_that_the_contract_does_not_name_are_not_judged(resource: Resource, claims: dict[str, Any]) -> None:
    private_key = (development_issuer.public_key_file().parent / "private.pem").read_text()
    bearer = jwt.encode({**CLAIMS, "iss": NAME, "exp": exp()}, private_key, "RS256")
    payload = {**jwt.decode(bearer, options={"verify_signature": False}), **claims}
    signed_again = jwt.api_jws.encode(json.dumps(payload).encode(), private_key, "RS256", headers={"kid": KEY_ID})

    assert Client(signed_again).post(letter()).status_code == 200


@pytest.mark.parametrize("party_id", ["9" * 11, "x", "\x00", True, {}, "1" * 3000])
def test_a_party_id_of_garbage_is_nobody(resource: Resource, party_id: Any) -> None:
    assert problem(Client(signed({"urn:altinn:partyid": party_id, "scope": WRITE})).post(letter())) == (
        401,
        "CORR-04006",
    )


def test_an_organisation_number_of_garbage_does_not_fall_through_to_the_consumer(resource: Resource) -> None:
    claims = {"urn:altinn:orgNumber": "x", "consumer": {"ID": f"0192:{OWNER}"}, "scope": WRITE}

    assert problem(Client(signed(claims)).post(letter())) == (401, "CORR-04006")


def test_a_person_may_not_send(resource: Resource) -> None:
    person = Client(signed({"pid": "01818517641", "scope": WRITE}))

    assert problem(person.post(letter())) == (401, "CORR-04001")


def test_a_history_row_records_the_person_who_sent(resource: Resource) -> None:
    Client(signed({"pid": "01818517641", "consumer": {"ID": f"0192:{OWNER}"}, "scope": WRITE})).post(letter())

    assert Mailing.objects.get().created_by == "urn:altinn:person:identifier-no:01818517641"


class TestPlatformToken:
    """A platform token in place of the scope (contract access.md §6)."""

    def token(self, code: str = "fjordby", lifetime: timedelta = HOUR) -> str:
        return development_issuer.platform_token(code, now=clock.now(), lifetime=lifetime)

    def test_it_stands_in_for_the_scope_beside_a_bearer_token(self, resource: Resource) -> None:
        assert Client(token(scope=""), PlatformAccessToken=self.token()).post(letter()).status_code == 200

    def test_its_owner_wins_over_the_bearer_tokens(self, resource: Resource, other_resource: Resource) -> None:
        client = Client(token(), PlatformAccessToken=self.token("dalen"))

        assert problem(client.post(letter())) == (401, "CORR-04001")
        assert client.post(letter(resourceId="dalen-skatt")).status_code == 200

    @pytest.mark.parametrize("bad", ["junk", "", "expired", "bearer"])
    def test_a_bad_one_is_401_alone_and_403_beside_a_good_bearer_token(self, resource: Resource, bad: str) -> None:
        value = {"expired": self.token(lifetime=timedelta(seconds=-11)), "bearer": token()[:-3]}.get(bad, bad)

        assert problem(Client(PlatformAccessToken=value).post(letter())) == (401, None)
        assert problem(Client(token(), PlatformAccessToken=value).post(letter())) == (403, None)

    def test_ten_seconds_past_its_expiry_it_still_will_do(self, resource: Resource) -> None:
        late = self.token(lifetime=timedelta(seconds=-5))

        assert Client(PlatformAccessToken=late).post(letter()).status_code == 200

    def test_a_code_of_nobody_has_no_access(self, resource: Resource) -> None:
        assert problem(Client(PlatformAccessToken=self.token("nobody")).post(letter())) == (401, "CORR-04001")

    def test_it_is_no_bearer_token(self, resource: Resource) -> None:
        assert problem(Client(self.token()).post(letter())) == (401, None)


@pytest.fixture
def trust(settings: Any) -> Iterator[Any]:
    """Trusts these issuers for one test."""

    def configure(*entries: dict[str, Any]) -> None:
        settings.TRUSTED_ISSUERS = list(entries)
        forget()

    def forget() -> None:
        for cached in (issuers.configured, issuers._all, issuers._trusted, issuers._trusted_platform):
            cached.cache_clear()

    yield configure
    settings.TRUSTED_ISSUERS = []
    forget()


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


def trusted_by_file(trust: Any, tmp_path: Path, kind: str) -> Any:
    """A key whose issuer is of that kind."""
    key = KEYS["ES256"]()
    (tmp_path / "key.pem").write_text(pem(key))
    trust({"issuer": ISSUER, "kind": kind, "algorithm": "ES256", "key_file": str(tmp_path / "key.pem")})
    return key


@pytest.mark.parametrize(
    ("actions", "expected"), [("open;read", (401, "CORR-04001")), ("open", (403, None)), (None, (403, None))]
)
def test_a_dialog_token_looks_only_as_recipient_and_with_the_action_read(
    sender: Client, trust: Any, tmp_path: Path, actions: str | None, expected: tuple[int, str | None]
) -> None:
    key = trusted_by_file(trust, tmp_path, "dialog")
    correspondence_id = sender.post(letter()).json()["correspondences"][0]["correspondenceId"]
    claims = {"p": f"urn:altinn:organization:identifier-no:{OWNER}", "a": actions, "iss": ISSUER, "exp": exp()}

    assert problem(Client(jwt.encode(claims, key, "ES256")).overview(correspondence_id)) == expected


@pytest.mark.parametrize("party_id", [50012345, "50012345"])
def test_a_party_id_is_somebody_who_may_not_send(resource: Resource, party_id: Any) -> None:
    party = Client(signed({"urn:altinn:partyid": party_id, "scope": WRITE}))

    assert problem(party.post(letter())) == (401, "CORR-04001")


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
