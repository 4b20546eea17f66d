"""The back-office as caseworkers have it: a whole service with a month of letters, and a browser that is logged in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.devtools.showcase import Showcase, showcase
from tests.browser import Browser, browser, executable

LETTERS = 1_500


@dataclass
class BackOffice:
    """`browser` is inside, as the user admin."""

    browser: Browser
    service: Showcase

    def open(self, path: str) -> None:
        """A page, by its path from `/admin/`."""
        self.browser.open(f"{self.service.url}{path}")

    def text(self) -> str:
        """What a reader sees of the page."""
        return str(self.browser.run("document.querySelector('main').innerText"))


@pytest.fixture(scope="session")
def showcased(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Showcase]:
    """Started once, with demo data: what one test does to it, the next one sees. Mark such tests `e2e`."""
    executable()
    with showcase(tmp_path_factory.mktemp("showcase"), LETTERS) as service:
        yield service


@pytest.fixture
def back_office(showcased: Showcase, tmp_path: Path) -> Iterator[BackOffice]:
    with browser(tmp_path / "profile") as opened:
        opened.resize(1366, 860)
        showcased.log_in(opened)
        yield BackOffice(opened, showcased)
