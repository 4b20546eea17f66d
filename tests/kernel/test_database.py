"""What the database gives up is told apart from a database that is gone; each kind of process has its limits."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from config.devtools.run_dir import ROOT
from config.kernel import clock
from config.kernel.database import DATABASE_GONE, DatabaseBusy
from config.kernel.queue import TookTooLong
from correspondence.models import Heartbeat
from tests.acceptance.waiting import until
from tests.overrunning import RunOutOfTime
from tests.starting import manage, start

_SHOW = (
    "from django.db import connection; cursor = connection.cursor(); "
    "show = lambda name: cursor.execute('SHOW ' + name).fetchone()[0]; "
    "print(*map(show, ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout',"
    " 'transaction_timeout']), connection.connection.answer_seconds)"
)

KINDS = {"web": "5s 3s 8s 8s 7.0", "worker": "1min 10s 1min 110s 65.0", "command": "0 2s 0 0 None"}


def show(**variables: str) -> str:
    """The limits of a connection in a process that has these variables."""
    shown = manage(variables, "shell", "--no-imports", "-c", _SHOW)
    assert shown.returncode == 0, shown.stderr
    return shown.stdout.strip()


@pytest.mark.parametrize(("kind", "limits"), KINDS.items(), ids=KINDS)
def test_each_kind_of_process_has_limits_of_its_own(kind: str, limits: str) -> None:
    assert show(PROCESS_KIND=kind) == limits


@pytest.mark.parametrize(("program", "kind"), {"worker": "worker", "beat": "worker", "inspect": None}.items())
def test_celerys_programs_wait_no_longer_than_a_worker(program: str, kind: str | None) -> None:
    words = f"import os, sys; sys.argv = ['celery', '{program}']; import config.celery; "
    asked = f"{words}print(os.environ.get('PROCESS_KIND'))"
    environment = {name: value for name, value in os.environ.items() if name != "PROCESS_KIND"}

    shown = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=environment, capture_output=True, text=True)

    assert shown.stdout.strip() == str(kind), shown.stderr


def test_what_the_address_of_the_database_says_wins() -> None:
    address = f"{os.environ['DATABASE_URL']}?options=-c%20lock_timeout%3D1234"

    assert show(PROCESS_KIND="web", DATABASE_URL=address) == "5s 1234ms 8s 8s 7.0"


def test_a_pool_hands_out_connections_with_the_same_limits() -> None:
    assert show(PROCESS_KIND="web", DATABASE_POOL_SIZE="2") == KINDS["web"]


TAKES_TOO_LONG = {
    "a statement": ("SET statement_timeout = 50", "SELECT pg_sleep(30)"),
    "a transaction": ("SET transaction_timeout = 50", "SELECT pg_sleep(30)"),
    "an idle transaction": ("SET idle_in_transaction_session_timeout = 50", ""),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("limit", "statement"), TAKES_TOO_LONG.values(), ids=TAKES_TOO_LONG)
def test_what_takes_too_long_is_no_lost_connection(limit: str, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(limit)

    with pytest.raises(DatabaseBusy) as caught:
        in_transaction(statement)

    assert not isinstance(caught.value, DATABASE_GONE)
    assert backend()  # the next query finds a connection
    connection.close()


@pytest.fixture
def slow_commit(db: None) -> Iterator[None]:
    """The COMMIT of whatever writes a heartbeat takes a second."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN PERFORM pg_sleep(1); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON correspondence_heartbeat DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION slow()"""
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER slow ON correspondence_heartbeat; DROP FUNCTION slow")


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(60, method="thread")
@pytest.mark.usefixtures("slow_commit")
def test_who_is_interrupted_at_the_commit_finds_a_connection_afterwards(run_out_of_time: RunOutOfTime) -> None:
    run_out_of_time(0.3)
    with pytest.raises((TookTooLong, *DATABASE_GONE)), transaction.atomic():
        Heartbeat.objects.create(name="sweep", at=clock.now())

    connection.close()  # as Celery does before each task
    assert backend()
    with transaction.atomic():
        assert backend()


@transaction.atomic
def in_transaction(statement: str) -> None:
    pid = backend()
    if statement:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        until(lambda: other.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone() == (0,))
    backend()


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_server_that_only_reads_is_left() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")  # as the old primary is after a failover
        before = backend()
        with pytest.raises(OperationalError, match="read-only"):
            cursor.execute("DELETE FROM django_session")
    connection.close_if_unusable_or_obsolete()

    assert backend() != before


def test_migrate_waits_for_nobody_without_an_end() -> None:
    server = os.environ["DATABASE_URL"]
    name = "migrated_beside_others"
    with psycopg.connect(server, autocommit=True) as administrator:
        administrator.execute(f"DROP DATABASE IF EXISTS {name}")
        administrator.execute(f"CREATE DATABASE {name}")
        address = server.rpartition("/")[0] + f"/{name}"
        variables = {"DATABASE_URL": address, "DATABASE_LOCK_SECONDS": "0.2"}
        assert manage(variables, "migrate", "registry", "0001").returncode == 0
        with psycopg.connect(address) as somebody:
            somebody.execute("SELECT * FROM registry_resource")  # and does not end the transaction

            held_up = manage(variables, "migrate", "registry", "0002")

        assert held_up.returncode == 1
        assert held_up.stderr.strip().startswith("canceling statement due to lock timeout")
        assert manage(variables, "migrate", "registry", "0002").returncode == 0
        administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        ({"PROCESS_KIND": "website"}, "PROCESS_KIND is web, worker or command."),
        ({"DATABASE_LOCK_SECONDS": "-1"}, "DATABASE_LOCK_SECONDS is 0, for none, to 86400."),
        ({"DATABASE_ANSWER_SECONDS": "3"}, "DATABASE_ANSWER_SECONDS must be above DATABASE_STATEMENT_SECONDS"),
    ],
)
def test_limits_that_make_no_sense_are_refused_at_start(variables: dict[str, str], fault: str) -> None:
    assert fault in start(variables)
