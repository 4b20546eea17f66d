"""docs/settings.md lists exactly the variables that are read, with their types and defaults."""

import re

import pytest

from tests.docs.variables import ROOT, Variable, each_reading, read_by_the_service

_ROW = re.compile(
    r"^\| `(?P<name>[A-Z0-9_]+)` \| (?P<type>\w+) \| (?P<default>[^|]+) \| (?P<meaning>[^|]+) \|$", re.MULTILINE
)


def table() -> dict[str, re.Match[str]]:
    text = (ROOT / "docs" / "settings.md").read_text()
    section = text.split("## Variables\n")[1].split("\n## ")[0]
    return {match["name"]: match for match in _ROW.finditer(section)}


READ = read_by_the_service()


def test_the_source_is_understood() -> None:
    assert {"SECRET_KEY", "WEB_THREADS", "RUN_DIR"} <= set(READ)


def test_a_variable_that_is_read_twice_is_read_alike() -> None:
    readings = [(variable.name, variable.type, str(variable.default)) for variable in each_reading()]
    assert len(set(readings)) == len({name for name, *_ in readings})


def test_every_variable_that_is_read_is_in_the_table() -> None:
    assert set(READ) - set(table()) == set()


def test_the_table_names_no_variable_that_is_not_read() -> None:
    assert set(table()) - set(READ) == set()


@pytest.mark.parametrize("variable", READ.values(), ids=READ)
def test_type_and_default_are_those_of_the_code(variable: Variable) -> None:
    row = table()[variable.name]
    assert row["type"] == variable.type
    if variable.default is not None:
        assert row["default"].strip("` ") == _as_written(variable.default)


def _as_written(default: object) -> str:
    match default:
        case bool():
            return str(default).lower()
        case [] | "":
            return "empty"
        case _:
            return str(default)
