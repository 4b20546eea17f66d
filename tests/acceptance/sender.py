"""A sender's client: letters as JSON over HTTP, without knowledge of the service's inside."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from typing import Any

import requests
from stdnum.no import fodselsnummer

from tests.acceptance.waiting import until

PERSON = "urn:altinn:person:identifier-no:"
JSON = "application/json"


class Sender:
    """One organisation with its token, and the resource that it sends through."""

    def __init__(self, api_url: str, token: str, resource: str = "demo-correspondence") -> None:
        self.url = f"{api_url}/correspondence"
        self.headers = {"Authorization": f"Bearer {token}"}
        self.resource = resource

    def letter(self, reference: str, recipients: int = 1, **more: Any) -> dict[str, Any]:
        """A request to that many people; `more` are further members of `correspondence`."""
        return {
            "correspondence": {
                "resourceId": self.resource,
                "sendersReference": reference,
                "content": {"messageTitle": "Vedtak", "messageBody": "Vi har **innvilget** søknaden."},
                **more,
            },
            "recipients": people(recipients),
        }

    def post(self, letter: dict[str, Any], **headers: str) -> requests.Response:
        return self._call("POST", self.url, json=letter, headers=headers)

    def post_raw(self, body: bytes | Iterator[bytes], **headers: str) -> requests.Response:
        """POST bytes; those of an iterator go out in chunks, without a Content-Length."""
        return self._call("POST", self.url, data=body, headers={"Content-Type": JSON, **headers})

    def send(self, letter: dict[str, Any]) -> list[str]:
        """POST a letter that is accepted; answers the ids of its correspondences."""
        response = self.post(letter)
        assert response.status_code == 200, response.text
        return ids_in(response)

    def send_patiently(self, letter: dict[str, Any]) -> list[str]:
        """As a sender does who is told 503 and Retry-After: send again until it is accepted."""
        response = until(lambda: answer if (answer := self.post(letter)).status_code != 503 else None, seconds=60)
        assert response.status_code == 200, response.text
        return ids_in(response)

    def overview(self, id: str) -> dict[str, Any]:
        response = self._call("GET", f"{self.url}/{id}")
        assert response.status_code == 200, response.text
        overview: dict[str, Any] = response.json()
        return overview

    def _call(self, method: str, url: str, headers: dict[str, str] | None = None, **rest: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False  # no proxy between us and this machine
            return session.request(method, url, headers={**self.headers, **(headers or {})}, timeout=30, **rest)


def ids_in(response: requests.Response) -> list[str]:
    return [each["correspondenceId"] for each in response.json()["correspondences"]]


def new_reference() -> str:
    """A sender's reference that no other test uses."""
    return f"case-{uuid.uuid4()}"


def people(count: int) -> list[str]:
    """That many different people as recipients, all of them synthetic: born in month 81."""
    return [PERSON + number for number in itertools.islice(_numbers(), count)]


def _numbers() -> Iterator[str]:
    for individual in range(1000):
        nine = f"028185{individual:03}"
        ten = nine + fodselsnummer.calc_check_digit1(nine)
        number = ten + fodselsnummer.calc_check_digit2(ten)
        if len(number) == 11:  # some have no check digit: it would be 10
            yield number
