"""Removes what make built: .venv, caches, the run folder with its data. Standard library, run as a script."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHES = (".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".coverage")


def in_use(run_dir: Path) -> bool:
    """Tell whether a launcher holds the folder."""
    try:
        with (run_dir / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def remove(path: Path) -> None:
    """Leave nothing at `path`, which may be a folder, a file or absent."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def main() -> None:
    """Clean the project, or end with one sentence while `make run` is up."""
    run_dir = Path(os.environ.get("RUN_DIR") or ROOT / ".run")
    if in_use(run_dir):
        sys.exit(f"make run is up and uses {run_dir}; end it first.")
    for path in [run_dir, *(ROOT / name for name in CACHES)]:
        remove(path)
    for folder in list(ROOT.rglob("__pycache__")):
        remove(folder)


if __name__ == "__main__":
    main()
