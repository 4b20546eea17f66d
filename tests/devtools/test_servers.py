"""Real servers: they keep their data and port over a crash, ask for a password, and leave no process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.devtools import processes
from config.devtools.servers import Postgres, Valkey
from tests.acceptance.waiting import until

OWNER = """
import signal, sys, time
from pathlib import Path
from config.devtools.servers import Postgres, Valkey
folder = Path(sys.argv[1])
Postgres(folder / "postgres", durable=False).start()
Valkey(folder / "valkey").start()
print("up", flush=True)
time.sleep(60)
"""


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "postgres", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path / "valkey")
    server.start()
    yield server
    server.stop()


def query(url: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []


def test_the_database_is_utf8_with_the_builtin_locale(postgres: Postgres) -> None:
    sql = (
        "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale"
        " FROM pg_database WHERE datname = current_database()"
    )

    assert query(postgres.url, sql) == [("UTF8", "b", "C.UTF-8")]


def test_postgres_keeps_port_and_data_over_kill_9(postgres: Postgres) -> None:
    query(postgres.url, "CREATE TABLE letter (id int)")
    before = postgres.url

    postgres.kill()
    postgres.start()

    assert postgres.url == before
    assert query(postgres.url, "SELECT count(*) FROM letter") == [(0,)]


def test_a_pid_file_that_names_a_stranger_stops_nobody(postgres: Postgres) -> None:
    postgres.kill()
    (postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n{postgres.data}\n")

    postgres.start()

    assert query(postgres.url, "SELECT 1") == [(1,)]


def test_postgres_refuses_a_wrong_password(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url.replace(postgres.password, "guess"))


def test_an_initdb_cut_short_is_done_again(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "postgres", durable=False)
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("18\n")

    server.start()
    server.stop()

    assert (server.folder / "complete").exists()


def test_valkey_keeps_what_it_holds_over_a_restart(valkey: Valkey) -> None:
    redis.from_url(valkey.url).set("wake-up", "1")

    valkey.stop()
    valkey.start()

    assert redis.from_url(valkey.url).get("wake-up") == b"1"


def test_valkey_refuses_who_has_no_password(valkey: Valkey) -> None:
    with pytest.raises(redis.AuthenticationError):
        redis.from_url(f"redis://127.0.0.1:{valkey.port}/0").ping()


def test_secrets_are_for_their_owner_only(postgres: Postgres, valkey: Valkey) -> None:
    for path in (postgres.folder / "password", valkey.folder / "password", valkey.folder / "valkey.conf"):
        assert path.stat().st_mode & 0o077 == 0


def test_servers_end_when_their_owner_is_killed(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"up\n"
    assert len(processes.leftovers(tmp_path)) >= 2

    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()

    until(lambda: processes.leftovers(tmp_path) == [])
