"""The file that `make run` keeps in its folder fills in what is unset, while it is up and nowhere else."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.variables import ROOT
from tests.starting import PRODUCTION

ASK = "from config import settings as s; print(s.ENVIRONMENT, s.SECRET_KEY)"
FILE = "ENVIRONMENT=development\nSECRET_KEY=of the file\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "env").write_text(FILE)
    (tmp_path / "lock").touch()
    return tmp_path


@pytest.fixture
def up(folder: Path) -> Iterator[None]:
    """As the launcher holds its folder."""
    with (folder / "lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ask(folder: Path, **variables: str) -> str:
    """What settings make of these variables and the folder; otherwise nothing is set."""
    servers = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "RUN_DIR": str(folder), **servers, **variables},
        capture_output=True,
        text=True,
    )
    return done.stdout.strip() or done.stderr


@pytest.mark.usefixtures("up")
def test_a_second_terminal_needs_nothing(folder: Path) -> None:
    assert ask(folder) == "development of the file"


@pytest.mark.usefixtures("up")
def test_a_variable_that_is_set_wins(folder: Path) -> None:
    assert ask(folder, SECRET_KEY="of the shell") == "development of the shell"


@pytest.mark.usefixtures("up")
def test_production_never_reads_it(folder: Path) -> None:
    without_key = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}

    assert "SECRET_KEY is not set." in ask(folder, **without_key)


def test_a_file_that_was_left_behind_turns_nothing_into_development(folder: Path) -> None:
    said = ask(folder)

    assert "SECRET_KEY is not set." in said
    assert "ALLOWED_HOSTS is not set" in said  # so this is production


def test_the_folder_is_still_free_for_the_launcher_afterwards(folder: Path) -> None:
    ask(folder)

    with (folder / "lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
