"""A real Chromium in tests, which are skipped where there is none."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.devtools import chromium
from config.devtools.chromium import Browser

__all__ = ["Browser", "browser", "executable"]


def executable() -> str:
    """Debian's Chromium; where a machine checks changes by itself (CI is set), no browser is started."""
    if os.environ.get("CI"):
        pytest.skip("No browser is started where CI is set: pages were not tried in one.")
    try:
        return chromium.executable()
    except chromium.NoChromium as error:
        pytest.skip(f"{error}: pages were not tried in a browser.")


@contextlib.contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A browser that ends with this block."""
    executable()
    with chromium.browser(profile) as opened:
        yield opened
