"""Files that are generated and committed: `generate.py lock|schema|migrations [ARGS]`."""

from __future__ import annotations

import subprocess
import sys

from config.devtools.offline import manage, write_schema
from config.devtools.run_dir import ROOT

LOCKS = {
    "requirements-image.txt": ["--extra", "s3"],
    "requirements-run.txt": ["--group", "run"],
    "requirements-dev.txt": ["--extra", "s3", "--group", "run", "--group", "test", "--group", "lint"],
}
UV = ROOT / ".venv" / "uv" / "bin" / "uv"  # fetched by environment.py
COMPILE = "pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url"


def lock() -> int:
    """Write each requirements file anew; versions move only where pyproject.toml asks for it."""
    for name, chosen in LOCKS.items():
        words = [
            str(UV),
            *COMPILE.split(),
            "--quiet",
            "--custom-compile-command",
            "make lock",
            *chosen,
            "-o",
            name,
        ]
        if code := subprocess.run(words, cwd=ROOT).returncode:
            return code
    return 0


def main() -> None:
    """End with the exit code of the tool behind it."""
    what, *rest = sys.argv[1:]
    if what == "lock":
        sys.exit(lock())
    if what == "schema":
        sys.exit(write_schema("docs/openapi.yaml"))
    sys.exit(manage("makemigrations", *rest))


if __name__ == "__main__":
    main()
