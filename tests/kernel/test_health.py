"""Health endpoints (design §10, contract http-api.md §1)."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.clients import problem

HEALTHY = {"database": "ok", "migrations": "ok", "broker": "ok"}


def test_live_asks_nobody() -> None:
    response = Client().get("/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "Healthy"})


@pytest.mark.django_db
def test_ready_names_its_parts() -> None:
    response = Client().get("/health/ready")

    assert (response.status_code, response.json()) == (200, {"status": "Healthy", "parts": HEALTHY})


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health", "/healthz"])
def test_the_contracts_health_is_healthy(path: str) -> None:
    assert Client().get(path).json()["status"] == "Healthy"


@pytest.mark.django_db
def test_a_broker_that_is_gone_is_told_and_takes_no_web_server_out(settings: Any) -> None:
    """Letters are taken in without it: a load balancer that took all servers out would end even that."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    ready, contract = Client().get("/health/ready"), Client().get("/healthz")

    assert (ready.status_code, ready.json()) == (
        200,
        {"status": "Degraded", "parts": {**HEALTHY, "broker": "unreachable"}},
    )
    assert (contract.status_code, contract.json()) == (
        500,
        {"status": "Unhealthy", "message": "broker: unreachable"},
    )


@pytest.mark.django_db
def test_a_migration_that_was_not_applied_is_told() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'correspondence'")

    response = Client().get("/health/ready")

    written = len(list(Path("correspondence/migrations").glob("0*.py")))
    assert (response.status_code, response.json()["parts"]["migrations"]) == (503, f"{written} not applied")


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready", "/"])
def test_health_is_only_asked(path: str) -> None:
    response = Client(enforce_csrf_checks=True).post(path)

    assert problem(response) == (405, None)
    assert response["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["/Health/Live", "/health/live/"])
def test_its_paths_match_in_any_casing_and_with_a_slash(path: str) -> None:
    assert Client().get(path).status_code == 200
