"""Loaded by `make test` where tests run side by side: those of a process on servers of its own."""

import json
import os


def _take_own_servers() -> None:
    """Runs as this module is imported, before pytest-django reads the settings."""
    share = os.environ.get("PYTEST_XDIST_WORKER")
    if share is not None:
        os.environ.update(json.loads(os.environ["TEST_SHARES"])[int(share.removeprefix("gw"))])


_take_own_servers()
