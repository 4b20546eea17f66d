"""What every answer says to browsers, whoever gives it: views, middleware, static files, error pages."""

from typing import Any

import pytest
from django.test import Client as DjangoClient

from config.kernel.security_headers import HEADERS
from tests.clients import ROOT

METHODS = ("GET", "POST", "OPTIONS", "TRACE")
PATHS = {
    "the bare address": "/",
    "nothing": "/nothing",
    "the API": f"{ROOT}/correspondence",
    "nothing in the API": f"{ROOT}/nothing",
    "an id that is none": f"{ROOT}/correspondence/x",
    "the OpenAPI document": f"{ROOT}/schema",
    "its pages": f"{ROOT}/docs",
    "the picture of the statuses": f"{ROOT}/docs/statuses.svg",
    "health": "/health/live",
    "the back-office": "/admin/",
    "its login": "/admin/login/",
    "nothing in the back-office": "/admin/nothing/",
    "a value that the back-office does not foresee": "/admin/login/?next=%00",
    "no static file": "/static/nothing.css",
}


@pytest.fixture
def answers(plain_static_files: None, db: None) -> DjangoClient:
    return DjangoClient(raise_request_exception=False, enforce_csrf_checks=True)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_every_answer_says_it(answers: DjangoClient, method: str, path: str) -> None:
    response = answers.generic(method, path)

    assert {name: response.get(name) for name in HEADERS} == HEADERS
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response.status_code < 500


def test_so_do_the_answer_to_a_preflight_and_that_to_a_foreign_host(answers: DjangoClient, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://portal.example"]
    asked = {"Origin": "https://portal.example", "Access-Control-Request-Method": "POST"}

    preflight = answers.generic("OPTIONS", f"{ROOT}/correspondence", headers=asked)
    foreign = answers.get("/", headers={"Host": "evil.example"})

    assert (preflight.status_code, foreign.status_code) == (204, 400)
    for response in (preflight, foreign):
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
        assert {name: response.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize("path", [path for path in PATHS.values() if path.startswith(ROOT)])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://portal.example.evil.example", "null", "http://localhost"]
)
def test_a_foreign_origin_is_given_nothing(answers: DjangoClient, settings: Any, path: str, origin: str) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://portal.example"]
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}

    for method in METHODS:
        response = answers.generic(method, path, headers=asked)
        assert not [name for name in response.headers if name.lower().startswith("access-control-")]


def test_where_a_browser_is_over_tls_it_is_told_to_stay_there(answers: DjangoClient, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000  # production's; 0 in development, as here

    response = DjangoClient().get("/health/live", secure=True)

    assert response["Strict-Transport-Security"].startswith("max-age=31536000")
