"""When the virtual environment counts as done. Nothing is installed here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from config.devtools.environment import Environment


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    made = Environment(tmp_path)
    made.python.parent.mkdir(parents=True)
    made.python.symlink_to(sys.executable)
    made.requirements("run").write_text("a==1\n")
    made.requirements("dev").write_text("a==1\nb==2\n")
    return made


def finish(environment: Environment, kind: str) -> None:
    (environment.folder / "stamp").write_text(environment._stamp(kind))


def test_without_a_stamp_it_is_not_done(environment: Environment) -> None:
    assert not environment.is_current("run")


def test_the_run_set_is_not_enough_for_tests(environment: Environment) -> None:
    finish(environment, "run")

    assert (environment.is_current("run"), environment.is_current("dev")) == (True, False)


def test_the_dev_set_serves_make_run_as_well(environment: Environment) -> None:
    finish(environment, "dev")

    assert (environment.is_current("run"), environment.is_current("dev")) == (True, True)


def test_changed_requirements_ask_for_a_new_set_up(environment: Environment) -> None:
    finish(environment, "dev")
    environment.requirements("dev").write_text("a==2\n")

    assert not environment.is_current("dev")


def test_a_vanished_interpreter_asks_for_a_new_set_up(environment: Environment) -> None:
    finish(environment, "dev")
    environment.python.unlink()

    assert not environment.is_current("dev")
