"""Is the process alive, and can it do its work? (design §10, contract http-api.md §1)"""

from collections.abc import Callable

import redis
import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

_BROKER_TIMEOUT_SECONDS = 1

logger = structlog.get_logger(__name__)


def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; touches nothing outside."""
    return JsonResponse({"status": "Healthy"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when this server can take requests, else 503; names each part either way.

    Without the broker it can: letters are stored, and the sweep finds them. Else a load balancer that asks here would
    take every server out when the broker is away.
    """
    parts = _parts()
    can = parts["database"] == parts["migrations"] == "ok"
    word = "Degraded" if can and parts["broker"] != "ok" else _word(parts)
    return JsonResponse({"status": word, "parts": parts}, status=200 if can else 503)


def contract_health(request: HttpRequest) -> JsonResponse:
    """/health and /healthz as callers of the reference know them: 500 where something is wrong."""
    parts = _parts()
    ailing = [f"{name}: {state}" for name, state in parts.items() if state != "ok"]
    message = "; ".join(ailing) or "All parts are in order."
    return JsonResponse({"status": _word(parts), "message": message}, status=200 if _word(parts) == "Healthy" else 500)


def _word(parts: dict[str, str]) -> str:
    return "Healthy" if set(parts.values()) == {"ok"} else "Unhealthy"


def _parts() -> dict[str, str]:
    return {
        "database": _state("database", _check_database),
        "migrations": _state("migrations", _check_migrations),
        "broker": _state("broker", _check_broker),
    }


def _state(name: str, check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, redis.RedisError, OSError) as error:
        # The reason may hold addresses: it is for the log, the word for the caller.
        logger.warning("part_not_healthy", part=name, error=str(error))
        return "unreachable"


def _check_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _check_migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} not applied" if missing else "ok"


def _check_broker() -> str:
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=_BROKER_TIMEOUT_SECONDS,
        socket_connect_timeout=_BROKER_TIMEOUT_SECONDS,
    )
    try:
        client.ping()
    finally:
        client.close()
    return "ok"
