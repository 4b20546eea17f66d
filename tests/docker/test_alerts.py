"""Alerts and dashboard name metrics that there are, and each alert has its page in the runbook."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

import correspondence.metrics  # noqa: F401 - with the two before: they make the metrics
from config.kernel import readings
from tests.docs.variables import ROOT

FOLDER = ROOT / "docker" / "prometheus"
RULES = [rule for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"] for rule in group["rules"]]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
GIVEN_BY_PROMETHEUS = {"le", "job", "instance", "process"}
_ENDS = re.compile(r"_(bucket|sum|count|total|created)$")


def known() -> set[str]:
    """Names of all that is told, without the ends that Prometheus adds."""
    return {family.name for family in REGISTRY.collect()} | {_ENDS.sub("", name) for name in readings.names()}


def named(text: str) -> set[str]:
    return {_ENDS.sub("", name) for name in re.findall(r"\bcorrespondence_[a-z_]+", text)}


def labels_of(name: str) -> set[str]:
    """The labels that series of this name have."""
    readings_labels = {_ENDS.sub("", reading.name): {reading.label} for reading in readings._readings.values()}
    counted = {
        family.name: set(each._labelnames)
        for each in REGISTRY._collector_to_names
        if isinstance(each, MetricWrapperBase)
        for family in each.describe()
    }
    return {**counted, **readings_labels, "correspondence_part_up": {"part"}}[name]


def strange_labels(expression: str) -> set[str]:
    """Labels that it picks or groups by, and none of the metrics in it has: it would find nothing, for ever."""
    picked = [label for braces in re.findall(r"\{([^}]*)\}", expression) for label in re.findall(r"(\w+)[=!]", braces)]
    grouped = [label for names in re.findall(r"\bby \(([^)]*)\)", expression) for label in names.split(", ")]
    return {*picked, *grouped} - GIVEN_BY_PROMETHEUS.union(*(labels_of(name) for name in named(expression)))


def expressions(part: Any) -> list[str]:
    """Every `expr` in a dashboard."""
    if isinstance(part, dict):
        own = [part["expr"]] if "expr" in part else []
        return own + [found for each in part.values() for found in expressions(each)]
    return [found for each in part for found in expressions(each)] if isinstance(part, list) else []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_metrics_that_are_told_and_leads_to_its_page(rule: dict[str, Any]) -> None:
    assert named(rule["expr"]) - known() == set()
    assert strange_labels(rule["expr"]) == set()
    assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{rule['alert'].lower()}"
    assert f"\n## {rule['alert']}\n" in RUNBOOK


def test_the_runbook_has_no_page_for_an_alert_that_there_is_not() -> None:
    assert re.findall(r"^## (\w+)$", RUNBOOK, re.MULTILINE) == [rule["alert"] for rule in RULES]


def test_the_dashboard_asks_for_metrics_that_are_told() -> None:
    dashboard = json.loads((ROOT / "docker" / "grafana" / "correspondence.json").read_text())

    asked = set().union(*(named(expression) for expression in expressions(dashboard)))
    assert len(asked) > 5
    assert asked - known() == set()
    assert set().union(*(strange_labels(expression) for expression in expressions(dashboard))) == set()


def test_promtool_finds_the_alerts_right() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not here: install Debian's package prometheus to see this one")
    for words in (["check", "rules", "alerts.yaml"], ["test", "rules", "alerts.test.yaml"]):
        done = subprocess.run([promtool, *words], cwd=FOLDER, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
