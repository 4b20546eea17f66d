"""Loaded by `make test` where it runs all tests: a share of them in each process, on servers of its own.

A test goes where the service is that it needs, so that no share starts one that another has, and otherwise where
its file's other tests are.
"""

import json
import os

import pytest

SERVICES = ("rig", "strict", "service")  # tests/acceptance/conftest.py


def _take_own_servers() -> None:
    """Runs as this module is imported, before pytest-django reads the settings."""
    share = os.environ.get("PYTEST_XDIST_WORKER")
    if share is not None:
        os.environ.update(json.loads(os.environ["TEST_SHARES"])[int(share.removeprefix("gw"))])


_take_own_servers()


@pytest.hookimpl(tryfirst=True)  # xdist reads the marks in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    needs = getattr(item, "fixturenames", ())
    return next((service for service in SERVICES if service in needs), str(item.path))
