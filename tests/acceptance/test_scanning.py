"""A real clamd behind the whole service: clean files go out, infected ones never, and nothing while nobody scans."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.ledger import INITIALIZED, ONCE, Ledger
from tests.acceptance.sender import ids_in, people
from tests.acceptance.service import Service, running
from tests.acceptance.uploader import MARK, RECIPIENT, Uploader, bytes_of, describe
from tests.acceptance.waiting import Stopwatch, show, until
from tests.attachments.clamd import FOUND, INFECTED, clamd

pytestmark = pytest.mark.e2e

FAILED = 11
BAD = MARK + INFECTED


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where clamd works, each time it is started."""
    return tmp_path_factory.mktemp("clamd")


@pytest.fixture(scope="module")
def scanned(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with clamd(place):
        pass  # skip now where there is none
    settings = {
        "MALWARE_SCANNER": "clamav",
        "CLAMAV_ADDRESS": f"unix:{place}/socket",
        "SCAN_RETRY_SECONDS": "1",
        "SWEEP_EVERY_SECONDS": "1",
        "FORGOTTEN_AFTER_SECONDS": "3",
        "WEB_WORKERS": "1",
    }
    with running(Service(tmp_path_factory.mktemp("scanned"), **settings)) as up:
        yield up


@pytest.fixture
def scanner(place: Path, scanned: Service) -> Iterator[None]:
    with clamd(place, LocalSocket=f"{place}/socket"):
        yield


@pytest.fixture(scope="module")
def scanned_uploader(scanned: Service) -> Uploader:
    return Uploader(scanned.api_url, scanned.token)


@pytest.fixture
def scanned_ledger(scanned: Service) -> Iterator[Ledger]:
    ledger = Ledger(scanned.settings["DATABASE_URL"])
    yield ledger
    ledger.close()


@pytest.mark.usefixtures("scanner")
def test_a_clean_file_is_published_within_moments(scanned_uploader: Uploader) -> None:
    times = []
    for _ in range(5):
        attachment, watch = scanned_uploader.initialize(), Stopwatch()

        answered = scanned_uploader.upload(attachment, bytes_of(10_000)).json()["status"]

        scanned_uploader.await_status(attachment, "Published", seconds=10)
        times.append(watch.seconds)
        assert answered == "UploadProcessing"
    show(f"5 files from upload to Published: the slowest {max(times):.2f} s")


@pytest.mark.usefixtures("scanner")
def test_an_infected_file_is_gone_and_no_letter_can_name_it(scanned: Service, scanned_uploader: Uploader) -> None:
    attachment = scanned_uploader.initialize()
    assert scanned_uploader.upload(attachment, BAD).status_code == 200

    scanned_uploader.await_status(attachment, "Failed")

    assert scanned_uploader.attachment(attachment)["statusText"] == f"Malware found: {FOUND}"
    until(lambda: not any(attachment in name for name in scanned.files()))
    refused = scanned_uploader.post(scanned_uploader.letter_to(RECIPIENT, existingAttachments=[attachment]))
    assert (refused.status_code, refused.json()["code"]) == (400, "CORR-01018")


@pytest.mark.usefixtures("scanner")
def test_one_infected_file_among_five_stops_all_letters_of_a_form(
    scanned: Service, scanned_uploader: Uploader, scanned_ledger: Ledger
) -> None:
    files = [(f"vedlegg-{number}.txt", bytes_of(5_000)) for number in range(4)]
    files.insert(2, ("smitte.txt", BAD))
    letter = describe({**scanned_uploader.letter_to(RECIPIENT), "recipients": people(20)}, files)
    before, reference = scanned.files(), letter["correspondence"]["sendersReference"]

    response = scanned_uploader.post_form(letter, files)

    assert response.status_code == 200, response.text
    attachments = response.json()["attachmentIds"]
    until(lambda: scanned_ledger.histories(reference) == {(INITIALIZED, FAILED): 20})
    for each in attachments:
        scanned_uploader.await_status(each, "Failed" if each == attachments[2] else "Published")
    told = scanned_uploader.overview(ids_in(response)[0])["statusText"]
    assert told == f"The attachment smitte.txt cannot be sent: Malware found: {FOUND}."
    kept = {*attachments} - {attachments[2]}
    until(lambda: {name.rpartition("/")[2] for name in scanned.files() - before} == kept)


def test_while_nobody_scans_files_and_letters_wait_and_then_go_out_by_themselves(
    scanned: Service, scanned_uploader: Uploader, scanned_ledger: Ledger, place: Path
) -> None:
    files = [("plan.txt", bytes_of(5_000)), ("kart.png", bytes_of(5_000))]
    letter = describe(scanned_uploader.letter_to(RECIPIENT), files)
    reference, attachment = letter["correspondence"]["sendersReference"], scanned_uploader.initialize()

    assert scanned_uploader.upload(attachment, bytes_of(1_000)).status_code == 200
    response = scanned_uploader.post_form(letter, files)
    assert response.status_code == 200, response.text
    attachments = [attachment, *response.json()["attachmentIds"]]
    until(lambda: all(tries(each, scanned) > 1 for each in attachments))

    assert {scanned_uploader.attachment(each)["status"] for each in attachments} == {"UploadProcessing"}
    assert scanned_ledger.histories(reference) == {(INITIALIZED,): 1}
    with clamd(place, LocalSocket=f"{place}/socket"):
        watch = Stopwatch()
        for each in attachments:
            scanned_uploader.await_status(each, "Published")
        until(lambda: scanned_ledger.histories(reference) == {ONCE: 1})
        show(f"clamd back: all files and the letter out after {watch.seconds:.2f} s")


def tries(attachment: str, service: Service) -> int:
    """How many times a worker has tried in vain to have it scanned."""
    events = service.events("worker")
    return sum(event["event"] == "attachment_not_scanned" and event["attachment_id"] == attachment for event in events)


def test_the_logs_hold_no_traceback_and_no_bytes_of_files(scanned: Service) -> None:
    for log, text in scanned.logs().items():
        assert "Traceback" not in text, log
        assert MARK.decode() not in text, log
