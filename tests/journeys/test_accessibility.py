"""The main pages shut nobody out: axe-core finds nothing serious, nothing scrolls aside, the keyboard suffices."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from config.devtools.screenshots import PAGES, Page
from tests.back_office import BackOffice
from tests.browser import Browser, browser

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
# What an action does to a row is another test's; here pages are only looked at.
LOOKED_AT = [page for page in PAGES if page.name != "confirmation"]
TAB, ENTER = ("Tab", 9), ("Enter", 13, "\r")
_AXE = """axe.run(document, {resultTypes: ['violations']}).then(found => found.violations
    .filter(each => ['serious', 'critical'].includes(each.impact))
    .map(each => `${each.id}: ` + each.nodes.slice(0, 3).map(node => node.html + ' ' + node.failureSummary)))"""


def axe() -> str:
    """The source of axe-core; tests that need it are skipped where its package is not installed."""
    spec = find_spec("axe_playwright_python")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("axe-core is not installed (axe-playwright-python, which carries it): nothing was looked for.")
    return (Path(spec.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")


def is_there(back_office: BackOffice, page: Page) -> bool:
    """Whether the page has opened, with the row or the form that it leads to."""
    back_office.open(page.path)
    if page.then and not back_office.browser.run("!!document.querySelector('#result_list tbody th a')"):
        return False
    if page.then:
        back_office.browser.submit(page.then)
    return True


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(back_office: BackOffice, scheme: str) -> None:
    source = axe()
    chromium = back_office.browser
    chromium.prefer(scheme)
    found: dict[str, Any] = {}

    for page in LOOKED_AT:
        if is_there(back_office, page):
            chromium.run(f"{source}; true")
            chromium.run("new Promise(done => setTimeout(done, 300))")  # colours that change do so by then
            found[page.name] = chromium.run(_AXE)

    assert {name: faults for name, faults in found.items() if faults} == {}
    assert len(found) > 12


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_at_the_door(showcased: Any, tmp_path: Path, scheme: str) -> None:
    source = axe()
    with browser(tmp_path / "profile") as chromium:
        chromium.prefer(scheme)
        chromium.open(f"{showcased.url}/admin/login/")
        chromium.run(f"{source}; true")

        assert chromium.run(_AXE) == []


def test_no_page_scrolls_to_the_side_on_a_telephone(back_office: BackOffice) -> None:
    back_office.browser.resize(375, 780)
    widths = {}

    for page in LOOKED_AT:
        if is_there(back_office, page):
            widths[page.name] = back_office.browser.run("document.documentElement.scrollWidth")

    assert {name: width for name, width in widths.items() if width > 375} == {}
    assert len(widths) > 12


def test_the_pages_keep_their_content_policy(back_office: BackOffice) -> None:
    for page in LOOKED_AT:
        is_there(back_office, page)

    assert [each for each in back_office.browser.complaints if "Content Security Policy" in each] == []


def test_somebody_without_a_mouse_logs_in_and_reads_a_letter(showcased: Any, tmp_path: Path) -> None:
    password = (showcased.run_dir / "admin-password").read_text().strip()
    with browser(tmp_path / "profile") as chromium:
        chromium.open(f"{showcased.url}/admin/login/")
        walk_to(chromium, "#id_username")
        chromium.type("admin")
        walk_to(chromium, "#id_password")
        chromium.type(password)
        enter(chromium)
        assert chromium.run("location.pathname") == "/admin/"

        walk_to(chromium, "a[href$='/admin/correspondence/correspondence/']")
        enter(chromium)
        walk_to(chromium, "#result_list tbody th a")
        enter(chromium)

        assert chromium.run("location.pathname").endswith("/change/")
        assert chromium.run("document.querySelectorAll('.readonly, .bo-card').length") > 5


def walk_to(chromium: Browser, wanted: str) -> None:
    """Tab after tab, until what is wanted has the focus; and wherever the focus is, it can be seen."""
    for _ in range(200):
        if chromium.run(f"document.activeElement.matches({wanted!r})"):
            return
        chromium.press(*TAB)
        assert chromium.run(
            "(element => element === document.body || getComputedStyle(element).outlineStyle !== 'none')"
            "(document.activeElement)"
        ), chromium.run("document.activeElement.outerHTML.slice(0, 200)")
    raise AssertionError(f"the keyboard does not come to {wanted}")


def enter(chromium: Browser) -> None:
    """What has the focus is followed, or its form sent, and the next page is there."""
    was = chromium.run("performance.timeOrigin")
    chromium.press(*ENTER)
    chromium.wait_for(f"performance.timeOrigin !== {was} && document.readyState === 'complete'")
