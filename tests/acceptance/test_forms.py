"""Letter and files in one form, over a real socket."""

from __future__ import annotations

import hashlib

import pytest

from tests.acceptance.ledger import ONCE, Ledger
from tests.acceptance.sender import people
from tests.acceptance.service import Service
from tests.acceptance.uploader import (
    CHUNKED,
    RECIPIENT,
    Uploader,
    answer,
    bytes_of,
    describe,
    drip,
    form,
    framed,
)
from tests.acceptance.waiting import Stopwatch, show, until

pytestmark = pytest.mark.e2e

BOTH = pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])


def test_a_form_of_a_common_client_brings_letter_and_files_to_the_recipient(
    uploader: Uploader, recipient: Uploader
) -> None:
    files = [("Søknad om byggetillatelse.pdf", bytes_of(700_000)), ("kart.png", bytes_of(20))]
    letter = describe(uploader.letter_to(RECIPIENT), files)

    response = uploader.post_form(letter, files)

    assert response.status_code == 200, response.text
    (sent,), attachments = response.json()["correspondences"], response.json()["attachmentIds"]
    id = sent["correspondenceId"]
    until(lambda: uploader.overview(id)["status"] == "Published")
    fetched = [recipient.download(id, attachment) for attachment in attachments]
    assert [(each.status_code, each.content) for each in fetched] == [(200, content) for _, content in files]
    assert "S%C3%B8knad%20om%20byggetillatelse.pdf" in fetched[0].headers["Content-Disposition"]


@BOTH
def test_a_form_written_by_hand_is_read_however_it_is_cut(chunked: bool, uploader: Uploader, ledger: Ledger) -> None:
    files = [("plan.txt", bytes_of(100_001)), ("skisse.jpg", bytes_of(17))]
    letter = describe(uploader.letter_to(RECIPIENT), files)
    body = form(letter, files)
    with uploader.form_begun(CHUNKED if chunked else f"Content-Length: {len(body)}") as connection:
        connection.sendall(framed(body, 777) if chunked else body)
        told = answer(connection)

    assert told.status == 200, told.body
    assert ledger.mailings(letter["correspondence"]["sendersReference"]) == 1


def test_500_letters_with_100_files_go_out_each_once(service: Service, uploader: Uploader, ledger: Ledger) -> None:
    files = [(f"vedlegg-{number}.txt", bytes_of(10_000)) for number in range(100)]
    letter = describe({**uploader.letter_to(RECIPIENT), "recipients": people(500)}, files)
    reference, before, watch = letter["correspondence"]["sendersReference"], service.files(), Stopwatch()

    response = uploader.post_form(letter, files)

    answered = watch.seconds
    assert response.status_code == 200, response.text
    until(lambda: ledger.published(reference) >= 500)
    show(f"500 letters, 100 files: answered after {answered:.2f} s, all Published after {watch.seconds:.2f} s")
    assert ledger.histories(reference) == {ONCE: 500}
    assert {name.rpartition("/")[2] for name in service.files() - before} == set(response.json()["attachmentIds"])


def test_one_file_that_is_not_what_was_announced_leaves_neither_letter_nor_files(
    service: Service, uploader: Uploader, ledger: Ledger
) -> None:
    files = [(f"vedlegg-{number}.txt", bytes_of(10_000)) for number in range(5)]
    letter = describe(uploader.letter_to(RECIPIENT), files)
    letter["correspondence"]["content"]["attachments"][-1]["checksum"] = hashlib.md5(b"else").hexdigest()
    before = service.files()

    response = uploader.post_form(letter, files)

    assert (response.status_code, response.json()["code"]) == (400, "CORR-02008")
    assert ledger.mailings(letter["correspondence"]["sendersReference"]) == 0
    assert service.files() == before


def half_a_form(uploader: Uploader) -> tuple[str, bytes, int]:
    """The reference of a letter, the first part of its form, in which one file is whole, and how long the form is."""
    files = [("plan.txt", bytes_of(400_000)), ("kart.png", bytes_of(400_000))]
    letter = describe(uploader.letter_to(RECIPIENT), files)
    body = form(letter, files)
    return letter["correspondence"]["sendersReference"], body[:600_000], len(body)


@BOTH
def test_nothing_stays_of_a_form_whose_client_hangs_up(
    chunked: bool, strict: Service, strict_uploader: Uploader, strict_ledger: Ledger
) -> None:
    reference, half, length = half_a_form(strict_uploader)
    before = strict.files()
    with strict_uploader.form_begun(CHUNKED if chunked else f"Content-Length: {length}") as connection:
        connection.sendall(framed(half).removesuffix(framed(b"")) if chunked else half)
        until(lambda: len(strict.files() - before) == 2)

    until(lambda: strict.files() == before)

    assert strict_ledger.mailings(reference) == 0


def test_a_form_that_trickles_in_ends_in_408_and_nothing_stays(
    strict: Service, strict_uploader: Uploader, strict_ledger: Ledger
) -> None:
    reference, half, length = half_a_form(strict_uploader)
    before = strict.files()
    with strict_uploader.form_begun(f"Content-Length: {length}") as connection:
        connection.sendall(half)
        drip(connection, b"x", every=0.2, seconds=20)
        told = answer(connection)

    assert (told.status, told.code) == (408, "CORR-02022")
    assert strict.files() == before
    assert strict_ledger.mailings(reference) == 0


def test_a_form_without_a_token_is_refused_before_its_files(strict: Service) -> None:
    files = [("plan.txt", bytes_of(5_000_000))]
    stranger, before = Uploader(strict.api_url, "none"), strict.files()

    response = stranger.post_form(describe(stranger.letter_to(RECIPIENT), files), files)

    assert response.status_code == 401
    assert strict.files() == before
