"""Malware scanners: ClamAV's verdicts by a real clamd, its failures by servers that misbehave."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from attachments.scanners import scanner
from attachments.scanners.clamav import ClamAV
from attachments.scanners.port import ScannerUnavailable, Verdict
from config.devtools import processes
from tests.attachments.clamd import FOUND, INFECTED, clamd

MEGABYTE = 1024 * 1024
CLEAN = Verdict(clean=True, text="Published")
MALWARE = Verdict(clean=False, text=f"Malware found: {FOUND}")
TOO_LARGE = Verdict(clean=False, text="The file is larger than the malware scanner takes; it was not scanned.")


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    """One clamd that listens on both kinds of socket. The path of a Unix socket must be short: not in tmp_path."""
    with tempfile.TemporaryDirectory(prefix="clamd-") as folder:
        path = Path(folder) / "socket"
        with clamd(Path(folder), LocalSocket=str(path)) as address:
            yield {"tcp": address, "unix": f"unix:{path}"}


@pytest.fixture(params=["tcp", "unix"])
def clamav(request: pytest.FixtureRequest, addresses: dict[str, str]) -> ClamAV:
    return ClamAV(addresses[request.param], 30.0)


@contextlib.contextmanager
def server(behave: Callable[[socket.socket], object]) -> Iterator[ClamAV]:
    """A server on a port of its own that takes one connection and behaves as told."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            behave(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield ClamAV(f"127.0.0.1:{listener.getsockname()[1]}", 0.5)
        finally:
            thread.join()


def read_file(connection: socket.socket) -> bytes:
    """Everything up to the four zero bytes that end a file."""
    received = b""
    while not received.endswith(bytes(4)):
        received += connection.recv(65_536)
    return received


def read_to_the_end(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def megabytes(count: int) -> Iterator[bytes]:
    for _ in range(count * 16):
        yield bytes(MEGABYTE // 16)


# --- Verdicts --------------------------------------------------------------------------------------------------------


def test_a_harmless_file_is_clean(clamav: ClamAV) -> None:
    assert clamav.scan([b"Dear ", b"reader"]) == CLEAN


def test_malware_is_named(clamav: ClamAV) -> None:
    assert clamav.scan([b"before ", INFECTED, b" after"]) == MALWARE


def test_malware_is_found_over_the_border_of_two_chunks(clamav: ClamAV) -> None:
    assert clamav.scan([INFECTED[:20], INFECTED[20:]]) == MALWARE


def test_an_empty_file_is_clean(clamav: ClamAV) -> None:
    assert clamav.scan([]) == CLEAN


def test_an_empty_chunk_does_not_end_the_file(clamav: ClamAV) -> None:
    assert clamav.scan([b"before", b"", INFECTED]) == MALWARE


def test_five_megabytes_are_scanned_to_their_end(clamav: ClamAV) -> None:
    assert clamav.scan(megabytes(5)) == CLEAN
    assert clamav.scan([*megabytes(5), INFECTED]) == MALWARE


def test_a_file_is_never_held_as_a_whole(clamav: ClamAV) -> None:
    tracemalloc.start()
    try:
        clamav.scan(megabytes(5))
        assert tracemalloc.get_traced_memory()[1] < MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "chunks",
    [megabytes(50), [bytes(9 * MEGABYTE)], [INFECTED, *megabytes(9)]],
    ids=["many chunks", "one chunk", "malware in front"],
)
def test_a_file_that_clamd_refuses_for_its_size_is_settled_as_not_scanned(
    addresses: dict[str, str], chunks: Iterable[bytes]
) -> None:
    assert ClamAV(addresses["tcp"], 30.0).scan(chunks) == TOO_LARGE


def test_so_it_is_over_a_unix_socket(addresses: dict[str, str]) -> None:
    assert ClamAV(addresses["unix"], 30.0).scan(megabytes(50)) == TOO_LARGE


def test_what_follows_a_refusal_is_not_read(addresses: dict[str, str]) -> None:
    chunks = megabytes(500)

    ClamAV(addresses["tcp"], 30.0).scan(chunks)

    assert sum(map(len, chunks)) > 400 * MEGABYTE


def test_a_file_that_clamd_took_and_did_not_look_at_is_not_clean(clamav: ClamAV) -> None:
    assert clamav.scan(megabytes(7)) == Verdict(
        clean=False, text="The malware scanner reached its limit MaxFileSize; the file was not scanned as a whole."
    )


# --- No verdict ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_a_clamd_that_is_not_there_is_told(kind: str) -> None:
    address = {"tcp": f"127.0.0.1:{processes.free_port()}", "unix": "unix:/nowhere/clamd.socket"}[kind]

    with pytest.raises(ScannerUnavailable, match=f"ClamAV at {address} cannot be reached"):
        ClamAV(address, 30.0).scan([b"file"])


def test_without_an_answer_the_wait_ends_in_time() -> None:
    with server(read_to_the_end) as clamav, pytest.raises(ScannerUnavailable, match="does not answer: timed out"):
        clamav.scan([b"file"])


def test_an_answer_that_never_gets_ready_ends_in_time() -> None:
    def drip(connection: socket.socket) -> None:
        read_file(connection)
        for _ in range(100):
            connection.sendall(b".")
            time.sleep(0.1)

    with server(drip) as clamav, pytest.raises(ScannerUnavailable, match="does not answer: timed out"):
        clamav.scan([b"file"])


def test_a_file_that_is_not_taken_ends_in_time() -> None:
    done = threading.Event()

    with server(lambda _: done.wait(10)) as clamav:
        with pytest.raises(ScannerUnavailable, match="does not take the file: timed out"):
            clamav.scan(megabytes(50))
        done.set()


def test_hanging_up_in_the_middle_is_no_verdict() -> None:
    def hang_up(connection: socket.socket) -> None:
        connection.recv(100)

    with server(hang_up) as clamav, pytest.raises(ScannerUnavailable):
        clamav.scan(megabytes(50))


def test_hanging_up_after_the_file_is_no_verdict() -> None:
    def hang_up(connection: socket.socket) -> None:
        read_file(connection)

    with server(hang_up) as clamav, pytest.raises(ScannerUnavailable, match="hung up without an answer"):
        clamav.scan([b"file"])


def test_half_an_answer_is_no_verdict() -> None:
    def answer(connection: socket.socket) -> None:
        read_file(connection)
        connection.sendall(b"stream: OK")

    with server(answer) as clamav, pytest.raises(ScannerUnavailable, match="hung up without an answer"):
        clamav.scan([b"file"])


@pytest.mark.parametrize(
    "nonsense",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n\0",
        b"\0",
        b"\xff\xfe\0",
        b"OK\0",
        b"stream: OK FOUND OK\0",
        b"stream: Can't allocate memory ERROR\0",
        b"COMMAND READ TIMED OUT\0",
        b"x" * 10_000,
    ],
)
def test_nonsense_is_no_verdict(nonsense: bytes) -> None:
    def answer(connection: socket.socket) -> None:
        read_file(connection)
        connection.sendall(nonsense)

    with server(answer) as clamav, pytest.raises(ScannerUnavailable, match=r"gives no verdict|answers without end"):
        clamav.scan([b"file"])


def test_an_ok_before_the_end_of_the_file_is_no_verdict() -> None:
    def answer_early(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(b"stream: OK\0")

    with server(answer_early) as clamav, pytest.raises(ScannerUnavailable, match="gives no verdict"):
        clamav.scan(megabytes(50))


def test_an_answer_may_come_in_pieces() -> None:
    def answer(connection: socket.socket) -> None:
        read_file(connection)
        for piece in (b"stre", b"am: Some Na", b"me FOUND", b"\0"):
            connection.sendall(piece)
            time.sleep(0.05)

    with server(answer) as clamav:
        assert clamav.scan([b"file"]) == Verdict(clean=False, text="Malware found: Some Name")


@pytest.mark.parametrize("error", [ConnectionResetError("of the storage"), LookupError("of the storage")])
def test_the_files_own_failure_comes_out_unchanged_and_ends_the_conversation(error: Exception) -> None:
    heard: list[bytes] = []

    def broken() -> Iterator[bytes]:
        yield b"file"
        raise error

    def listen(connection: socket.socket) -> None:
        heard.append(read_to_the_end(connection))

    with server(listen) as clamav, pytest.raises(type(error)) as raised:
        clamav.scan(broken())

    assert raised.value is error
    assert heard == [b"zINSTREAM\0" + b"\0\0\0\x04file"]  # and no end of the file: clamd drops it


# --- Settings --------------------------------------------------------------------------------------------------------


def test_without_a_scanner_there_is_none(settings: Any) -> None:
    settings.MALWARE_SCANNER = "none"

    assert scanner() is None


@pytest.mark.parametrize("address", ["clamd.example.org:3310", "[::1]:3310", "unix:/run/clamav/clamd.ctl"])
def test_clamav_is_where_the_settings_say(settings: Any, address: str) -> None:
    settings.MALWARE_SCANNER, settings.CLAMAV_ADDRESS, settings.CLAMAV_TIMEOUT_SECONDS = "clamav", address, 7.5

    assert scanner() == ClamAV(address, 7.5)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"MALWARE_SCANNER": ""}, 'MALWARE_SCANNER is not set: choose "clamav", or "none"'),
        ({"MALWARE_SCANNER": "clamd"}, 'MALWARE_SCANNER is "clamd": choose "clamav", or "none"'),
        ({"CLAMAV_ADDRESS": "clamd.example.org"}, "CLAMAV_ADDRESS .* write host:port or unix:/path"),
        ({"CLAMAV_ADDRESS": "unix:clamd.ctl"}, "CLAMAV_ADDRESS .* write host:port or unix:/path"),
        ({"CLAMAV_ADDRESS": ":3310"}, "CLAMAV_ADDRESS .* write host:port or unix:/path"),
        ({"CLAMAV_TIMEOUT_SECONDS": 0.0}, "CLAMAV_TIMEOUT_SECONDS must be above 0"),
    ],
)
def test_a_setting_that_can_not_be_meant_is_refused(settings: Any, changed: dict[str, Any], message: str) -> None:
    for name, value in {"MALWARE_SCANNER": "clamav", **changed}.items():
        setattr(settings, name, value)

    with pytest.raises(ImproperlyConfigured, match=message):
        scanner()
