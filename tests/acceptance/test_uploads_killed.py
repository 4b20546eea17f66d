"""kill -9 of the web server while files come in: nothing stays of what was not answered. Last, what the logs hold."""

from __future__ import annotations

import pytest

from tests.acceptance.ledger import Ledger
from tests.acceptance.service import Service
from tests.acceptance.uploader import MARK, RECIPIENT, Uploader, bytes_of, describe, form
from tests.acceptance.waiting import Stopwatch, show, until

pytestmark = pytest.mark.e2e

# What beat starts each hour, for bytes that are over a day old.
A_DAY_LATER = """
from datetime import timedelta
from attachments import actions
from config.kernel import clock
actions.remove_orphans(now=clock.now() + timedelta(days=2), days=3)
"""


def test_a_web_server_killed_while_files_come_in_leaves_nothing_of_them(
    strict: Service, strict_uploader: Uploader, strict_ledger: Ledger
) -> None:
    content = bytes_of(100_000)
    kept, died = strict_uploader.uploaded(content), strict_uploader.initialize()
    files = [("plan.txt", bytes_of(400_000)), ("kart.png", bytes_of(400_000))]
    letter = describe(strict_uploader.letter_to(RECIPIENT), files)
    body, before = form(letter, files), strict.files()
    with (
        strict_uploader.upload_begun(died, "Content-Length: 1000000") as upload,
        strict_uploader.form_begun(f"Content-Length: {len(body)}") as letter_with_files,
    ):
        upload.sendall(bytes_of(600_000))
        letter_with_files.sendall(body[:600_000])
        until(lambda: len(strict.files() - before) == 3)  # the upload, the first file, and half of the second

        watch, web = Stopwatch(), strict.kill_9("web")

    assert len(strict.files() - before) == 3
    strict.await_another("web", than=web)
    show(f"another web server after {watch.seconds:.1f} s")
    strict_uploader.await_status(died, "Failed")
    show(f"the upload was taken for dead after {watch.seconds:.1f} s")
    until(lambda: not any(died in name for name in strict.files()))
    assert len(strict.files() - before) == 2  # of the form, which no row names
    strict.manage("shell", "--command", A_DAY_LATER)
    assert strict.files() == before
    assert strict_uploader.attachment(died)["statusText"] == (
        "The upload broke off: the service that took it in was stopped"
    )
    assert strict_ledger.mailings(letter["correspondence"]["sendersReference"]) == 0
    assert strict_uploader.fetch(kept).content == content


def test_the_logs_hold_no_traceback_and_no_bytes_of_files(strict: Service, service: Service) -> None:
    for log, text in strict.logs().items():
        assert "Traceback" not in text, log
    for each in (strict, service):
        for log, text in each.logs().items():
            assert MARK.decode() not in text, log
