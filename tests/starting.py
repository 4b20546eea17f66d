"""The service's start, as far as reading its settings."""

import os
import subprocess
import sys

from tests.docs.variables import ROOT


def start(variables: dict[str, str], before: str = "") -> str:
    """The last line that reading the settings says."""
    program = f"{before}\nimport config.settings"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, env={**os.environ, **variables}
    )
    assert done.returncode == 1
    return done.stderr.strip().splitlines()[-1]
