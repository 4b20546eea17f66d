"""ClamAV: files stream to its daemon, clamd, over a protocol of its own (docs/decisions/0009 says why by our own hand).

clamd says OK to what it never looked at, unless its configuration has AlertExceedsMax; the record names the lines.
"""

import re
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from django.core.exceptions import ImproperlyConfigured

from attachments.scanners.port import ScannerUnavailable, Verdict

Place: TypeAlias = str | tuple[str, int]  # the path of a Unix socket, or host and port

_CONNECT_SECONDS = 5.0
_LONGEST_ANSWER = 2000  # bytes; clamd's are one short line
_END_OF_FILE = bytes(4)
_FOUND = re.compile(r"stream: (?P<name>.+) FOUND")
_LIMIT = "Heuristics.Limits.Exceeded."
_TOO_LARGE = "INSTREAM size limit exceeded. ERROR"


@dataclass(frozen=True, slots=True)
class ClamAV:
    """A clamd at `host:port` or `unix:/path`.

    It may take `timeout_seconds` for its answer once it has the whole file, and as long to take in any one chunk.

    Raises:
        ImproperlyConfigured: the address is neither, or the time is none.
    """

    address: str
    timeout_seconds: float

    def __post_init__(self) -> None:
        _place(self.address)
        if self.timeout_seconds <= 0:
            raise ImproperlyConfigured("CLAMAV_TIMEOUT_SECONDS must be above 0.")

    def scan(self, chunks: Iterable[bytes]) -> Verdict:
        """As in the port. What clamd refuses for its size can never be scanned: that verdict is final too."""
        with self._conversation() as clamd:
            # clamd may answer and hang up before it has everything; the rest is not even read then.
            complete = clamd.say(b"zINSTREAM\0") and all(clamd.say(piece) for piece in _framed(chunks))
            return _verdict(clamd.answer(), complete=complete)

    def version(self) -> str:
        """What clamd says of itself and its signatures: `ClamAV 1.4.3/27800/Tue Nov 25 10:00:00 2026`.

        Raises:
            ScannerUnavailable: it does not answer.
        """
        with self._conversation() as clamd:
            clamd.say(b"zVERSION\0")
            return clamd.answer()

    @contextmanager
    def _conversation(self) -> Iterator["_Conversation"]:
        try:
            connection = _connect(_place(self.address))
        except OSError as error:
            raise ScannerUnavailable(f"ClamAV at {self.address} cannot be reached: {error}") from error
        with connection:
            yield _Conversation(connection, self.timeout_seconds)


class _Conversation:
    """One command and its answer, over a connection that somebody else closes."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection, self._seconds = connection, seconds

    def say(self, data: bytes) -> bool:
        """Answers False where clamd has hung up: if it gave an answer before that, it waits to be read."""
        self._connection.settimeout(self._seconds)
        try:
            self._connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return False
        except OSError as error:
            raise ScannerUnavailable(f"ClamAV does not take the file: {error}") from error
        return True

    def answer(self) -> str:
        """What clamd says, without the zero byte that ends it; all of it must come within the time."""
        deadline = time.monotonic() + self._seconds
        received = b""
        while b"\0" not in received:
            received += self._received(until=deadline)
            if len(received) > _LONGEST_ANSWER:
                raise ScannerUnavailable(f"ClamAV answers without end: {received[:100]!r}")
        return received.partition(b"\0")[0].decode(errors="replace")

    def _received(self, *, until: float) -> bytes:
        self._connection.settimeout(max(until - time.monotonic(), 0.001))  # 0 would mean: do not wait
        try:
            piece = self._connection.recv(_LONGEST_ANSWER)
        except OSError as error:
            raise ScannerUnavailable(f"ClamAV does not answer: {error}") from error
        if not piece:
            raise ScannerUnavailable("ClamAV hung up without an answer.")
        return piece


def _place(address: str) -> Place:
    if address.startswith("unix:/"):
        return address.removeprefix("unix:")
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ImproperlyConfigured(f'CLAMAV_ADDRESS is "{address}": write host:port or unix:/path.')
    return host.strip("[]"), int(port)  # brackets belong to IPv6


def _connect(place: Place) -> socket.socket:
    if not isinstance(place, str):
        return socket.create_connection(place, timeout=_CONNECT_SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(_CONNECT_SECONDS)
        connection.connect(place)
    except OSError:
        connection.close()
        raise
    return connection


def _framed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if chunk:  # an empty one would mean: the file ends here
            yield len(chunk).to_bytes(4, "big") + chunk
    yield _END_OF_FILE


def _verdict(answer: str, *, complete: bool) -> Verdict:
    if answer == _TOO_LARGE:
        return Verdict(clean=False, text="The file is larger than the malware scanner takes; it was not scanned.")
    if found := _FOUND.fullmatch(answer):
        return Verdict(clean=False, text=_reason(found["name"]))
    if answer == "stream: OK" and complete:  # of half a file nobody can say that it is clean
        return Verdict(clean=True, text="Published")
    raise ScannerUnavailable(f"ClamAV gives no verdict: {answer!r}")


def _reason(name: str) -> str:
    if name.startswith(_LIMIT):
        limit = name.removeprefix(_LIMIT)
        return f"The malware scanner reached its limit {limit}; the file was not scanned as a whole."
    return f"Malware found: {name}"
