"""A web process without a free connection is told apart from one whose database is away."""

import json
from typing import Any

from tests.starting import run_program

REQUEST = """
import json, threading
import django
django.setup()
from django.db import connection
from django.test import Client
from config.kernel import clock, development_issuer
from datetime import timedelta

token = development_issuer.organization_token("312295202", scope=None, now=clock.now(), lifetime=timedelta(hours=1))
held, done = threading.Event(), threading.Event()

def hold():
    connection.ensure_connection()
    held.set()
    done.wait()
    connection.close()

if all_are_in_use:
    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
response = Client(raise_request_exception=False, SERVER_NAME="localhost").get(
    "/correspondence/api/v1/correspondence/01990000-0000-7000-8000-000000000000",
    headers={"Authorization": f"Bearer {token}"},
)
done.set()
print(json.dumps([response.status_code, response.headers.get("Retry-After"), response.json()["detail"]]))
if connection.pool:
    connection.pool.close()
"""


def ask(*, all_are_in_use: bool = False, **variables: str) -> tuple[list[Any], list[dict[str, Any]]]:
    """What a request gets from a process with a pool of one connection, and the errors that are logged."""
    pool = {"DATABASE_POOL_SIZE": "1", "DATABASE_POOL_TIMEOUT_SECONDS": "0.5"}
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings", **pool, **variables}
    done = run_program(f"{all_are_in_use=}\n{REQUEST}", settings)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    return json.loads(done.stdout), [line for line in lines if line["level"] == "error"]


def test_a_request_that_finds_every_connection_in_use_says_so_with_numbers() -> None:
    [status, retry_after, detail], [logged] = ask(all_are_in_use=True)

    assert (status, retry_after) == (503, "5")
    assert "more to do" in detail
    figures = {name: logged[name] for name in ("event", "in_use", "most")}
    assert figures == {"event": "pool_exhausted", "in_use": 1, "most": 1}


def test_a_database_that_is_away_is_told_as_such() -> None:
    [status, retry_after, detail], [logged] = ask(DATABASE_URL="postgresql://postgres@127.0.0.1:1/none")

    assert (status, retry_after) == (503, "5")
    assert "cannot be reached" in detail
    assert logged["event"] == "database_unavailable"
