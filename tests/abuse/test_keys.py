"""An issuer whose key set is gone, slow, huge or junk: keys that are kept go on, and it is not asked too often."""

import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from config.kernel import issuers
from tests.clients import Client, problem
from tests.concurrency import at_once
from tests.tokens import CLAIMS, ISSUER, exp


class KeySet:
    """An issuer's web server on loopback; what it answers is the test's to say."""

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.answer, self.asked, self.over = answer, 0, Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                try:
                    outer.answer(self)
                except OSError:
                    return  # the service has hung up

            def log_message(self, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/jwks"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


def says(body: bytes, status: int = 200, **fields: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in fields.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def key_set(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


@pytest.fixture
def good(other_key: rsa.RSAPrivateKey) -> bytes:
    return key_set({**RSAAlgorithm.to_jwk(other_key.public_key(), as_dict=True), "kid": "one"})


@pytest.fixture
def issuer(good: bytes, trust: Any, settings: Any) -> Iterator[KeySet]:
    """Trusted; asked anew for each token, if it was not asked just before."""
    settings.ISSUER_KEYS_FRESH_SECONDS = 0
    server = KeySet(says(good))
    trust({"issuer": ISSUER, "kind": "altinn", "algorithm": "RS256", "jwks_url": server.url})
    yield server
    server.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An issuer may be asked again at once, and has not long to answer."""
    monkeypatch.setattr(issuers, "_RETRY_SECONDS", 0)
    monkeypatch.setattr(issuers, "_FETCH_SECONDS", 0.3)


def bearer(key: rsa.RSAPrivateKey, kid: str = "one") -> Client:
    return Client(jwt.encode({**CLAIMS, "iss": ISSUER, "exp": exp()}, key, "RS256", headers={"kid": kid}))


def look(client: Client) -> int:
    """400 where the token is believed: the path, which no database is asked for, comes after."""
    status: int = client.overview("x").status_code
    return status


def drips(handler: BaseHTTPRequestHandler) -> None:
    """A blank now and then, for ever."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def drips_its_head(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


def speaks_no_http(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"hello\r\n\r\n")


def floods(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * 65_536)


CURVE = {**ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True), "kid": "one"}
AILING: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {
    "down": says(b"", 503),
    "not found": says(b"", 404),
    "no JSON": says(b"<html>"),
    "not UTF-8": says(b"\xff\xfe\xfa"),
    "nothing": says(b""),
    "a list": says(b"[]"),
    "null": says(b"null"),
    "nested": says(b"[" * 100_000),
    "no keys": says(b"{}"),
    "keys that are no list": says(b'{"keys": "x"}'),
    "keys that are null": says(b'{"keys": null}'),
    "no key": says(key_set()),
    "keys that are none": says(b'{"keys": ["x", 1, null, {}, {"kty": 1}, {"kty": "RSA", "n": 1}]}'),
    "a key of nobody's type": says(key_set({"kty": "XYZ", "kid": "one"})),
    "a key for another algorithm": says(key_set(CURVE)),
    "a secret": says(key_set({"kty": "oct", "k": "c2VjcmV0", "kid": "one", "alg": "HS256"})),
    "cut off": says(b'{"keys": [', Content_Length="100000"),
    "no HTTP": speaks_no_http,
    "huge": floods,
    "slow": drips,
    "slow from its head": drips_its_head,
    "silent": lambda handler: time.sleep(3),
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", AILING)
def test_while_the_issuer_ails_keys_that_are_kept_go_on(
    issuer: KeySet, other_key: rsa.RSAPrivateKey, name: str
) -> None:
    assert look(bearer(other_key)) == 400

    issuer.answer = AILING[name]

    assert look(bearer(other_key)) == 400
    assert issuer.asked == 2


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", AILING)
def test_without_a_key_nobody_can_say_and_all_are_told_so(
    issuer: KeySet, other_key: rsa.RSAPrivateKey, name: str
) -> None:
    issuer.answer = AILING[name]

    responses = at_once(4, lambda: bearer(other_key).overview("x"))

    assert {problem(response) for response in responses} == {(503, None)}
    assert all(int(response["Retry-After"]) > 0 for response in responses)


@pytest.mark.usefixtures("impatient")
def test_keys_are_there_again_as_soon_as_the_issuer_is(
    issuer: KeySet, other_key: rsa.RSAPrivateKey, good: bytes
) -> None:
    issuer.answer = AILING["down"]
    assert look(bearer(other_key)) == 503

    issuer.answer = says(good)

    assert look(bearer(other_key)) == 400


@pytest.mark.usefixtures("impatient")
def test_a_redirect_is_not_followed(issuer: KeySet, other_key: rsa.RSAPrivateKey, good: bytes) -> None:
    elsewhere = KeySet(says(good))
    issuer.answer = says(b"", 302, Location=elsewhere.url)

    assert look(bearer(other_key)) == 503
    assert elsewhere.asked == 0
    elsewhere.close()


@pytest.mark.parametrize("key_id", [lambda number: "one", lambda number: f"unknown-{number}"], ids=["known", "unknown"])
def test_many_at_once_ask_the_issuer_once(issuer: KeySet, other_key: rsa.RSAPrivateKey, key_id: Any) -> None:
    clients = iter([bearer(other_key, key_id(number)) for number in range(60)])

    answers = at_once(60, lambda: look(next(clients)))

    assert len(set(answers)) == 1
    assert issuer.asked == 1


@pytest.mark.usefixtures("impatient")
def test_an_issuer_that_is_still_answering_is_not_asked_again(issuer: KeySet, other_key: rsa.RSAPrivateKey) -> None:
    issuer.answer = drips_its_head

    assert {look(bearer(other_key)) for _ in range(3)} == {503}
    assert issuer.asked == 1


def test_a_key_set_is_not_read_from_a_file(
    trust: Any, other_key: rsa.RSAPrivateKey, good: bytes, tmp_path: Any
) -> None:
    (tmp_path / "jwks.json").write_bytes(good)
    trust({"issuer": ISSUER, "kind": "altinn", "algorithm": "RS256", "jwks_url": f"file://{tmp_path}/jwks.json"})

    assert look(bearer(other_key)) == 503
