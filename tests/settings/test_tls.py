"""Plain HTTP in production: redirected, but for probes."""

from typing import Any

import pytest
from django.test import Client


@pytest.fixture(autouse=True)
def production(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize("path", ["/", "/admin/", "/correspondence/api/v1/docs", "/healthy", "/health/other"])
def test_a_person_or_client_is_sent_to_https(path: str) -> None:
    answer = Client().get(path)

    assert (answer.status_code, answer["Location"]) == (301, f"https://testserver{path}")


@pytest.mark.parametrize(
    "path", ["/health/live", "/health/ready", "/health", "/healthz", "/Health/Live", "/health/live/"]
)
@pytest.mark.django_db
def test_a_probe_is_answered(path: str) -> None:
    assert Client().get(path).status_code == 200


def test_what_the_proxy_took_over_tls_goes_on() -> None:
    answer = Client().get("/", headers={"x-forwarded-proto": "https"})

    assert (answer.status_code, answer["Location"]) == (302, "/correspondence/api/v1/docs")
