"""First stage of every make target: says what this machine lacks, or goes on to environment.py.

Runs under whatever `python3` the machine has. It must stay readable for very old ones, or they would answer
with a syntax error in place of our sentence: standard library only, no annotations beyond plain names.
"""

import importlib.util
import runpy
import sys
from pathlib import Path

OLDEST = (3, 11)


def missing(platform: str, version: tuple, has_venv: bool) -> str:
    """Answer one sentence about what stands in the way, or nothing."""
    if not platform.startswith("linux"):
        return "This launcher runs on Linux only; elsewhere use docker compose (see README.md)."
    if tuple(version[:2]) < OLDEST:
        return "Python {}.{} or later is needed, this is {}.{}; try: make PYTHON=python3.12 run".format(
            *(OLDEST + tuple(version[:2]))
        )
    if not has_venv:
        return "This Python lacks venv; install it first, for instance: apt install python3-venv."
    return ""


def has_venv() -> bool:
    """Tell whether a virtual environment with pip in it can be made. Debian ships venv without ensurepip."""
    return all(importlib.util.find_spec(module) for module in ("venv", "ensurepip"))


def main() -> None:
    """Hand over to environment.py, or end with one sentence."""
    lack = missing(sys.platform, tuple(sys.version_info), has_venv())
    if lack:
        sys.exit(lack)
    runpy.run_path(str(Path(__file__).resolve().with_name("environment.py")), run_name="__main__")


if __name__ == "__main__":
    main()
