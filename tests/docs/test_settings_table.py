"""docs/settings.md lists what is read, as it is explained where it is read."""

import ast
from collections.abc import Iterator

import pytest

from config.devtools.generate import settings_files
from config.devtools.settings_table import explained
from config.env import Elsewhere, Variable
from tests.docs.variables import ROOT, by_name

PAGE = ROOT / "docs" / "settings.md"


def test_the_page_is_what_the_code_says() -> None:
    assert settings_files() == {PAGE: PAGE.read_text()}


def test_what_happens_to_be_set_does_not_change_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISH_CHUNK", "7")
    monkeypatch.setenv("RUN_DIR", "/elsewhere")

    assert settings_files() == {PAGE: PAGE.read_text()}


def test_variables_of_all_modules_are_on_it() -> None:
    assert {"SECRET_KEY", "RUN_DIR", "WEB_WORKERS", "WEB_THREADS"} <= set(by_name())


def test_nothing_is_read_that_the_page_does_not_name() -> None:
    unnamed = [where for name, where in read_by_hand() if f"`{name}`" not in PAGE.read_text()]

    assert unnamed == []


def read_by_hand() -> Iterator[tuple[str, str]]:
    """What is asked of os.environ itself, and where; the launcher's own modules are of no concern to operators."""
    folders = ("config", "registry", "recipients", "attachments", "correspondence")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py") if file.parent.name != "devtools"]
    assert len(files) > 100
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            name = _asked_for(node)
            # Django's and OpenTelemetry's own are theirs to document.
            if name and not name.startswith(("DJANGO_", "OTEL_")):
                yield name, f"{file.relative_to(ROOT)}: {name}"


def _asked_for(node: ast.AST) -> str:
    """The variable that is read here: os.environ["X"], os.environ.get("X"), os.getenv("X"); or nothing."""
    match node:
        case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(
            func=ast.Attribute(value=ast.Attribute(attr="environ")), args=[ast.Constant(value=str(name)), *_]
        ):
            return name
        case ast.Call(func=ast.Attribute(attr="getenv"), args=[ast.Constant(value=str(name)), *_]):
            return name
    return ""


def test_readings_by_hand_are_found() -> None:
    """Or the test above would pass on anything."""
    found = {name for name, _ in read_by_hand()}
    assert {"ENVIRONMENT", "RUN_DIR", "ADMIN_PASSWORD", "DATABASE_POOL_SIZE", "PROCESS_KIND"} <= found


def variable(meaning: str | Elsewhere = "of use", default: str = "`1`") -> Variable:
    return Variable("**Some**", "X", "int", default, meaning)


def test_a_variable_that_two_modules_read_is_one_row() -> None:
    assert explained([variable(Elsewhere("config.gunicorn")), variable()]) == [variable()]


DISAGREEING = {
    "twice": ([variable(), variable("of other use")], "explained twice: X"),
    "nowhere": ([variable(Elsewhere("config.gunicorn"))], "explained nowhere, or read in two ways: X"),
    "two defaults": (
        [variable(), variable(Elsewhere("config.gunicorn"), "`2`")],
        "explained nowhere, or read in two ways: X",
    ),
}


@pytest.mark.parametrize(("readings", "fault"), DISAGREEING.values(), ids=DISAGREEING)
def test_readings_that_disagree_make_no_table(readings: list[Variable], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        explained(readings)


def test_each_meaning_fits_a_cell() -> None:
    assert [name for name, each in by_name().items() if "|" in str(each.meaning) or "\n" in str(each.meaning)] == []
