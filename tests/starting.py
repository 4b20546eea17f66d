"""The service's start, as far as reading its settings."""

import os
import subprocess
import sys

from tests.docs.variables import ROOT

# What an operator sets at the least, as docs/deployment.md has it; no server is asked for anything.
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "kJ3xw0dQ-9Lr5TzvB7mYc1Fh8sNqPaU2eGiXoRt4WbVnZy6CDE",
    "ALLOWED_HOSTS": "post.example.no",
    "BEHIND_TLS_PROXY": "true",
    "MALWARE_SCANNER": "none",
}


def start(variables: dict[str, str], before: str = "") -> str:
    """What a start that settings refuse says last: the faults, each on its line."""
    done = run_program(f"{before}\nimport config.settings", variables)
    assert done.returncode == 1
    return done.stderr[done.stderr.rindex("ImproperlyConfigured: ") :].strip()


def run_program(program: str, variables: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return _run([sys.executable, "-c", program], variables)


def manage(variables: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    """A command of manage.py in a process of its own."""
    return _run([sys.executable, "manage.py", *words], variables)


def _run(command: list[str], variables: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **variables})
