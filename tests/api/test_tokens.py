"""Who may send: tokens, issuers, scopes (contract access.md §2-§6). Every refusal stores nothing."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from config.kernel import clock, development_issuer
from config.kernel.development_issuer import KEY_ID, NAME
from correspondence.models import Mailing
from registry.models import Resource
from tests.clients import Client, problem
from tests.conftest import HOUR, OTHER_OWNER, OWNER, token
from tests.letters import letter
from tests.tokens import CLAIMS, WRITE, exp, signed


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
    "claims", [{"iat": 4_102_444_800}, {"iat": None}, {"sub": 5}, {"sub": None}, {"jti": 5}, {"jti": []}], ids=str
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


@pytest.mark.parametrize("party_id", [50012345, "50012345"])
def test_a_party_id_is_somebody_who_may_not_send(resource: Resource, party_id: Any) -> None:
    party = Client(signed({"urn:altinn:partyid": party_id, "scope": WRITE}))

    assert problem(party.post(letter())) == (401, "CORR-04001")
