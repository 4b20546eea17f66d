"""docs/monitoring.md and docs/runbook.md name what there is: metrics, lines of the log, findings, commands."""

import re
from types import ModuleType

import pytest
from prometheus_client.metrics import MetricWrapperBase

import attachments.gauges
import attachments.metrics
import correspondence.gauges
import correspondence.metrics
from config.kernel import metrics, readings
from correspondence.management.commands import queue
from tests.docs.variables import ROOT

MONITORING = (ROOT / "docs" / "monitoring.md").read_text()
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
PAGES = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", RUNBOOK, re.MULTILINE))
APPS = ("config", "registry", "recipients", "attachments", "correspondence")
SOURCES = "\n".join(path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py"))
_ROW = re.compile(r"^\| `(correspondence_\w+)` \| ([\w, ]*?) ?\|", re.MULTILINE)
# Made of the outcome that they tell.
EVENTS_BY_OUTCOME = {f"correspondences_{outcome}" for outcome in ("published", "failed", "put_off")}


def counted(module: ModuleType) -> dict[str, str]:
    """Names of what a module counts, as they are scraped, with their labels."""
    found = [each for each in vars(module).values() if isinstance(each, MetricWrapperBase)]
    return {_scraped(each): ", ".join(each._labelnames) for each in found}


def _scraped(metric: MetricWrapperBase) -> str:
    [family] = metric.describe()
    return f"{family.name}_total" if family.type == "counter" else family.name


def test_the_table_of_metrics_has_each_with_its_labels_and_no_other() -> None:
    told = dict(_ROW.findall(MONITORING))
    modules = (metrics, attachments.metrics, correspondence.metrics)
    with_labels = {name: labels for module in modules for name, labels in counted(module).items()}
    with_labels |= {each.name: each.label for each in (*attachments.gauges.READINGS, *correspondence.gauges.READINGS)}

    assert set(told) == set(with_labels) | set(readings.names())
    assert {name: told[name] for name in with_labels} == with_labels


@pytest.mark.parametrize("text", [MONITORING, RUNBOOK], ids=["monitoring", "runbook"])
def test_each_line_of_the_log_that_is_named_is_written_somewhere(text: str) -> None:
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text))
    named = {name for name in named if not name.startswith(("correspondence_queue", "pg_"))} - set(_names(text))

    assert len(named) > 10
    assert {name for name in named - EVENTS_BY_OUTCOME if not _is_written(name)} == set()


def _names(text: str) -> list[str]:
    return [name for name, _ in _ROW.findall(text)]


def _is_written(name: str) -> bool:
    """As an event, or as a field of one."""
    return f'"{name}"' in SOURCES or f"{name}=" in SOURCES


@pytest.mark.parametrize("page", [name for name in PAGES if name != "A disk is full"])
def test_each_page_of_the_runbook_has_causes_where_to_look_and_a_cure(page: str) -> None:
    assert re.findall(r"^- (Causes|Look|Cure): ", PAGES[page], re.MULTILINE) == ["Causes", "Look", "Cure"]


def test_the_findings_that_the_runbook_names_are_doctors() -> None:
    named = {
        name.strip()
        for found in re.findall(r"`doctor`: ([\w, \n]+?)(?:[;.]|, which)", RUNBOOK)
        for name in found.replace("\n", " ").split(",")
    }

    assert len(named) > 10
    assert {name for name in named if f'"{re.sub(" +", " ", name)}"' not in SOURCES} == set()


def test_the_commands_that_the_runbook_names_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    named = set(re.findall(r"`(?:manage\.py )?queue (\w+)", RUNBOOK))

    assert {"status", "retry", "requeue", "resume"} <= named
    for name in named:
        with pytest.raises(SystemExit) as ended:
            queue.Command().create_parser("manage.py", "queue").parse_args([name, "--help"])
        assert (ended.value.code, f"queue {name}" in capsys.readouterr().out) == (0, True)
