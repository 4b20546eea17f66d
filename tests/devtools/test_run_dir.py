"""The run folder: held by one, its secrets kept, its address checked before anything starts."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from config.devtools.run import Address
from config.devtools.run_dir import RunDir, Unusable


def test_a_second_launcher_is_told_who_is_there_until_the_first_is_gone(tmp_path: Path) -> None:
    first = RunDir(tmp_path)
    first.take()

    with pytest.raises(Unusable, match=f"is up already .*{os.getpid()}"):
        RunDir(tmp_path).take()
    first.release()

    third = RunDir(tmp_path)
    third.take()
    third.release()


def test_another_users_folder_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)

    with pytest.raises(Unusable, match="belongs to"):
        RunDir(tmp_path).take()


def test_secrets_stay_the_same_and_private(tmp_path: Path) -> None:
    secret = RunDir(tmp_path).secret("secret-key")

    assert RunDir(tmp_path).secret("secret-key") == secret
    assert len(secret) >= 40
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_env_is_rewritten_and_private(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    run_dir.write_env({"PORT": "1", "OLD": "x"})
    run_dir.write_env({"PORT": "2"})

    assert (tmp_path / "env").read_text() == "PORT=2\n"
    assert (tmp_path / "env").stat().st_mode & 0o777 == 0o600


def test_pids_are_written_by_name(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    run_dir.write_pids({"web": 12})

    assert json.loads(run_dir.pids.read_text()) == {"web": 12}


def test_a_busy_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        monkeypatch.setenv("HOST", "127.0.0.1")

        with pytest.raises(Unusable, match=f"Port {port} of 127.0.0.1: address already in use"):
            Address.from_environment()


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "8000 "])
def test_a_port_that_is_none_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)

    with pytest.raises(Unusable, match="from 1 to 65535"):
        Address.from_environment()
