"""Tokens that no library would make, piece by piece."""

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from jwt.algorithms import RSAAlgorithm

from config.kernel import development_issuer
from config.kernel.development_issuer import KEY_ID, NAME
from tests.tokens import CLAIMS, exp

HEADER = {"alg": "RS256", "typ": "JWT", "kid": KEY_ID}
PublicFormat, Encoding = serialization.PublicFormat, serialization.Encoding


def claims(**more: Any) -> dict[str, Any]:
    """Those of an owner who may send."""
    return {**CLAIMS, "iss": NAME, "exp": exp(), **more}


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def written(part: Any) -> bytes:
    """As JSON, unless it is written already."""
    return part if isinstance(part, bytes) else json.dumps(part).encode()


def unsigned(header: Any, payload: Any) -> str:
    return f"{encoded(written(header))}.{encoded(written(payload))}"


def trusted_key() -> rsa.RSAPrivateKey:
    """The development issuer's."""
    pem = (development_issuer.public_key_file().parent / "private.pem").read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def signed(payload: Any, header: Any = HEADER, key: rsa.RSAPrivateKey | None = None) -> str:
    """By the issuer that is trusted, unless another key is given; whatever the header says."""
    text = unsigned(header, payload)
    signature = (key or trusted_key()).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{encoded(signature)}"


def mac(payload: Any, secret: bytes, algorithm: str = "HS256") -> str:
    """HMAC with whatever the forger thinks that the service takes for a secret."""
    text = unsigned({**HEADER, "alg": algorithm}, payload)
    digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[algorithm]
    return f"{text}.{encoded(hmac.new(secret, text.encode(), digest).digest())}"


def public_key_spellings() -> dict[str, bytes]:
    """The trusted public key in every form that it can be had in."""
    public = trusted_key().public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    jwk = json.loads(development_issuer.public_key_file().read_text())["keys"][0]
    return {
        "PEM": pem,
        "PEM without its last line feed": pem.rstrip(b"\n"),
        "PKCS#1 PEM": public.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        "DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "PKCS#1 DER": public.public_bytes(Encoding.DER, PublicFormat.PKCS1),
        "JWK": json.dumps(jwk).encode(),
        "JWK of the library": str(RSAAlgorithm.to_jwk(public)).encode(),
        "key set": development_issuer.public_key_file().read_bytes(),
        "modulus": jwk["n"].encode(),
        "nothing": b"",
    }
