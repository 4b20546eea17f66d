"""What the first stage says of a machine, and that very old Pythons can read it."""

from __future__ import annotations

import ast
from pathlib import Path

from config.devtools import bootstrap


def test_a_fit_machine_lacks_nothing() -> None:
    assert bootstrap.missing("linux", (3, 11, 0), True) == ""


def test_elsewhere_than_linux_docker_compose_is_named() -> None:
    assert "docker compose" in bootstrap.missing("darwin", (3, 12, 1), True)


def test_an_old_python_is_told_its_version() -> None:
    assert "this is 3.10" in bootstrap.missing("linux", (3, 10, 4), True)


def test_a_python_without_venv_is_told_what_to_install() -> None:
    assert "python3-venv" in bootstrap.missing("linux", (3, 11, 0), False)


def test_python_3_6_can_read_the_first_stage() -> None:
    source = Path(bootstrap.__file__).read_text()

    ast.parse(source, feature_version=(3, 6))
    assert "from __future__" not in source
