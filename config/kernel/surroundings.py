"""Checks of what the service stands on: database, broker, workers, clocks, settings."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.core import checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.kernel import clock, connections, queue, workers
from config.kernel.findings import Finding, failed, ok, warning

_BROKER_SECONDS = 3
_STATEMENT_SECONDS = 3
_LONG_TRANSACTION = 300  # seconds
_MANY_MESSAGES = 1_000
_CLOCKS_DIFFER, CLOCKS_ARE_WRONG = timedelta(seconds=2), timedelta(seconds=30)
_COMMANDS = 5  # connections for migrate, for an operator, for monitoring


def database() -> Iterator[Finding]:
    """Reachable, migrated, with connections enough, its clock ours, and nobody who holds it up."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{_STATEMENT_SECONDS}s'")
        cursor.execute("SHOW server_version")
        [version] = cursor.fetchone()
    yield ok("database", f"PostgreSQL {version} answers.")
    yield _clock("clock of the database", *_database_time())
    yield _migrations()
    yield from _long_transactions()
    yield _connections()


def _database_time() -> tuple[datetime, datetime]:
    with connection.cursor() as cursor:
        before = clock.now()
        cursor.execute("SELECT clock_timestamp()")
        [theirs] = cursor.fetchone()
        return theirs, before + (clock.now() - before) / 2


def _clock(name: str, theirs: datetime, ours: datetime) -> Finding:
    apart = abs(theirs - ours)
    said = f"It is {apart.total_seconds():.1f} s apart from this machine's."
    cure = "Let NTP set both; letters go out by the clocks of the workers."
    if apart >= CLOCKS_ARE_WRONG:
        return failed(name, said, cure)
    return warning(name, said, cure) if apart >= _CLOCKS_DIFFER else ok(name, said)


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        names = ", ".join(f"{step.app_label}.{step.name}" for step, _ in missing[:5])
        return failed("migrations", f"{len(missing)} are not applied: {names}.", "Run: python manage.py migrate")
    return ok("migrations", "All are applied.")


def _long_transactions() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, application_name, state, extract(epoch FROM clock_timestamp() - xact_start)::int "
            "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend' AND "
            "xact_start < clock_timestamp() - make_interval(secs => %s) ORDER BY xact_start LIMIT 5",
            [_LONG_TRANSACTION],
        )
        found = cursor.fetchall()
    for pid, application, state, seconds in found:
        yield warning(
            "long transactions",
            f"Process {pid} ({application or 'no name'}, {state}) is in one transaction for {seconds} s.",
            f"It holds up locks and vacuum. If nobody needs it: SELECT pg_terminate_backend({pid})",
        )
    if not found:
        yield ok("long transactions", "None is older than 5 minutes.")


def _connections() -> Finding:
    room, web = connections.room(), connections.needed_by_web()
    try:
        tasks, known = sum(worker.processes for worker in workers.answering()), ""
    except queue.BrokerUnreachable:
        tasks, known = 0, " (workers could not be counted)"
    needed = web + tasks + _COMMANDS
    said = (
        f"Needed: {web} for one web server ({settings.WEB_WORKERS} processes), {tasks} for workers{known}, {_COMMANDS} "
        f"for commands; the database gives {room.most}, {room.in_use} are in use."
    )
    if needed > room.most:
        cure = "Raise max_connections, or lower DATABASE_POOL_SIZE, WEB_WORKERS or the workers' --concurrency."
        return warning("connections", said, cure)
    return ok("connections", said)


def broker() -> Iterator[Finding]:
    """Reachable, loses nothing for want of memory, its clock ours, no queue too long, and none without a worker."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=_BROKER_SECONDS, socket_connect_timeout=_BROKER_SECONDS
    )
    try:
        yield from _server(client)
        lengths = {name: int(client.llen(name)) for name in queue.QUEUES}
    except (redis.RedisError, OSError) as error:
        cure = "See whether it runs, and REDIS_URL. Letters are stored meanwhile, and go out when it is back."
        yield failed("broker", f"It does not answer: {error}", cure)
        return
    finally:
        client.close()
    yield _lengths(lengths)
    yield from _workers()


def _server(client: Any) -> Iterator[Finding]:
    about = client.info()
    version = about.get("valkey_version") or about.get("redis_version")
    yield ok("broker", f"{'Valkey' if 'valkey_version' in about else 'Redis'} {version} answers.")
    before = clock.now()
    seconds, microseconds = client.time()
    theirs = datetime.fromtimestamp(seconds, before.tzinfo) + timedelta(microseconds=microseconds)
    yield _clock("clock of the broker", theirs, before + (clock.now() - before) / 2)
    most, policy = int(about.get("maxmemory", 0)), about.get("maxmemory_policy", "noeviction")
    if most and policy != "noeviction":
        said = f"It drops messages when its memory is full (maxmemory-policy {policy})."
        yield warning("memory of the broker", said, "Set maxmemory-policy noeviction. What was lost is found again.")
    elif most and int(about.get("used_memory", 0)) > 0.9 * most:
        yield warning("memory of the broker", "It is full to nine tenths.", "Raise maxmemory; see who else uses it.")
    else:
        yield ok("memory of the broker", f"maxmemory {most or 'unlimited'}, maxmemory-policy {policy}.")


def _lengths(lengths: dict[str, int]) -> Finding:
    said = ", ".join(f"{name} {length}" for name, length in lengths.items()) + "."
    if max(lengths.values()) > _MANY_MESSAGES:
        return warning("messages", said, "Workers do not keep up, or one of the queues has none; start more.")
    return ok("messages", said)


def _workers() -> Iterator[Finding]:
    try:
        found = workers.answering(seconds=1.5)
    except queue.BrokerUnreachable as error:
        yield failed("workers", f"They cannot be asked: {error}", "See to the broker first.")
        return
    listened = {name for worker in found for name in worker.queues}
    if missing := [name for name in queue.QUEUES if name not in listened]:
        said = f"Nobody listens to {', '.join(missing)}." if found else "No worker answers."
        cure = f"Start: python -m celery -A config.celery worker --queues {','.join(missing)}"
        yield failed("workers", said, cure)
    else:
        processes = sum(worker.processes for worker in found)
        yield ok("workers", f"{len(found)} answer, with {processes} processes; each queue has one.")


def configuration() -> Iterator[Finding]:
    """Django's own checks, and ours among them, of settings that are dangerous in production."""
    if settings.DEVELOPMENT:
        yield ok("settings", "ENVIRONMENT is development: not looked at. Never so where real letters are sent.")
        return
    every = checks.run_checks(include_deployment_checks=True)
    found = [message for message in every if message.level >= checks.WARNING and not message.is_silenced()]
    for message in found:
        tell = failed if message.level >= checks.ERROR else warning
        yield tell("settings", f"{message.id}: {message.msg}".split("\n")[0], str(message.hint or "docs/settings.md"))
    if not found:
        yield ok("settings", "manage.py check --deploy finds nothing.")
