"""The short form of `make fuzz`: the same calls with the same seed at each run, some for each operation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract import openapi
from tests.fuzz import campaign, report

pytestmark = pytest.mark.e2e

SEED, CASES = 20261125, 24
CALLERS = ("sender", "organisation", "dialog")


@pytest.mark.timeout(300)
def test_every_operation_answers_as_its_document_says(tmp_path: Path) -> None:
    """What goes out and comes back, and afterwards what the logs, the database and the storage hold."""
    result = campaign.run(tmp_path, cases=CASES, seed=SEED, only=CALLERS, thorough=("sender",))

    assert result.findings == [], report.findings(result)
    assert set(result.cases()) == {
        f"{method.upper()} {path}" for path, methods in openapi.document()["paths"].items() for method in methods
    }
    assert {status for _, status in result.statuses} >= {200, 204, 206, 400, 401, 403, 404, 405, 406, 415}
