"""What tests of the register need."""

from pathlib import Path

import pytest

from tests.recipients.importing import Imports


@pytest.fixture
def imported(db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Imports:
    """Runs the import of a text."""
    return Imports(tmp_path, capsys)
