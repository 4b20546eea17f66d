"""`make screenshots`: pictures of the back-office with demo data, light, dark and narrow, for people to judge."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.devtools import chromium
from config.devtools.parts import PartFailed
from config.devtools.run_dir import ROOT
from config.devtools.showcase import Showcase, showcase
from config.devtools.test import throw_away_folder

LETTERS = "/admin/correspondence/correspondence/"
FIRST_ROW = "document.querySelector('#result_list tbody th a')?.click()"
# Chooses the first row and an action, as a person does; `%s` is its name.
ACT = (
    "document.querySelector('.action-select').click();"
    "document.querySelector('select[name=action]').value = '%s';"
    "document.querySelector('#changelist-form button[name=index]').click()"
)
SETTLED_SECONDS = 0.4  # transitions are over
MOST_PIXELS = 2_400  # of a long list


@dataclass(frozen=True)
class Page:
    """One to be taken; `then` is what is done on it to come to the next, which is the one that is wanted."""

    name: str
    path: str
    then: str = ""


# All of them, in one place. Those that there are not (yet) are said so.
PAGES = (
    Page("start", "/admin/"),
    Page("letters", LETTERS),
    Page("letters-none", f"{LETTERS}?q=nothing-has-this-reference"),
    Page("letter-set-aside", f"{LETTERS}?queue_state__exact=set_aside", FIRST_ROW),
    Page("letter-published", f"{LETTERS}?status__exact=6", FIRST_ROW),
    Page("letter-failed", f"{LETTERS}?status__exact=11", FIRST_ROW),
    Page("mailings", "/admin/correspondence/mailing/"),
    Page("mailing", "/admin/correspondence/mailing/", FIRST_ROW),
    Page("pauses", "/admin/correspondence/pause/"),
    Page("pause-new", "/admin/correspondence/pause/add/"),
    Page("attachments", "/admin/attachments/attachment/"),
    Page("resources", "/admin/registry/resource/"),
    Page("resource", "/admin/registry/resource/", FIRST_ROW),
    Page("register-import", "/admin/registry/resource/import/"),
    Page("party-import", "/admin/recipients/party/import/"),
    Page("audit-log", "/admin/audit/auditentry/"),
    Page("user", "/admin/auth/user/", FIRST_ROW),
    Page("second-factor", "/admin/second-factor/set-up/"),
    Page("not-there", "/admin/registry/resource/nothing/delete/me/"),
    # Last: where an action has no confirmation page, it is done at once.
    Page("confirmation", f"{LETTERS}?queue_state__exact=set_aside", ACT % "retry_set_aside"),
)
LOGIN = Page("login", "/admin/login/")
WIDE, NARROW = (1366, 860), (375, 780)
LOOKS = (("light", "light", WIDE), ("dark", "dark", WIDE), ("narrow", "light", NARROW))


def take(browser: chromium.Browser, service: Showcase, page: Page, folder: Path) -> Iterator[str]:
    """Write a page's pictures; gives a line for each, or one that says why there are none."""
    browser.open(service.url + page.path)
    if browser.run("fetch(location.href).then(answer => answer.status)") == 404 and page.name != "not-there":
        yield f"{page.name}: there is no {page.path}"
        return
    if page.then:
        before = browser.run("location.href")
        try:
            browser.submit(page.then)
        except AssertionError:
            yield f"{page.name}: nothing to open on {before}"
            return
    for look, scheme, size in LOOKS:
        browser.resize(*size)
        browser.prefer(scheme)
        time.sleep(SETTLED_SECONDS)
        path = folder / f"{page.name}-{look}.png"
        path.write_bytes(browser.picture(MOST_PIXELS))
        wide = browser.run("document.documentElement.scrollWidth")
        yield f"{path.name}" + (f": {wide} pixels wide, it scrolls to the side" if wide > size[0] else "")


def main() -> None:
    """End with exit code 0 once the pictures are there."""
    os.chdir(ROOT)
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "screenshots")
    parser.add_argument("--language", default="nb", choices=["nb", "nn", "en"])
    parser.add_argument("--letters", type=int, default=10_000)
    asked = parser.parse_args()
    try:
        chromium.executable()
        with throw_away_folder() as folder, showcase(folder, asked.letters) as service:
            asked.folder.mkdir(parents=True, exist_ok=True)
            with chromium.browser(folder / "profile") as browser:
                browser.speak(asked.language)
                _take_all(browser, service, asked.folder)
    except (chromium.NoChromium, PartFailed) as reason:
        sys.exit(f"{reason}. No pictures were taken.")


def _take_all(browser: chromium.Browser, service: Showcase, folder: Path) -> None:
    for line in take(browser, service, LOGIN, folder):
        print(line, flush=True)
    browser.resize(*WIDE)
    service.log_in(browser)
    for page in PAGES:
        browser.resize(*WIDE)
        for line in take(browser, service, page, folder):
            print(line, flush=True)
    for complaint in browser.complaints:
        print("the browser says:", complaint)


if __name__ == "__main__":
    main()
