"""A real clamd (Debian's package clamav-daemon) with one signature of our own, in a folder and on a port of its own.

    with clamd(folder) as address:      # MALWARE_SCANNER=clamav, CLAMAV_ADDRESS=address
        ...                             # INFECTED is malware to it, everything else is clean

Without the program the test skips. The process ends with the block, and with the test run even if that is killed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from attachments.scanners.clamav import ClamAV
from attachments.scanners.port import ScannerUnavailable
from config.devtools import processes
from config.devtools.parts import Part

INFECTED = b"A harmless text that only the signature below calls malware: 3f7c1e52."
SIGNATURE = "Correspondence.Test.Harmless"
FOUND = f"{SIGNATURE}.UNOFFICIAL"  # clamd's suffix for names that its makers did not give
# As docs/decisions/0009 wants them of operators, only small. AlertExceedsMax is what turns "not looked at" from OK.
LIMITS = {"StreamMaxLength": "8M", "MaxFileSize": "6M", "MaxScanSize": "6M", "AlertExceedsMax": "yes"}


class Clamd(Part):
    """clamd in the foreground; as root it stays root, since no `User` is set."""

    def __init__(self, program: str, folder: Path, options: dict[str, str]) -> None:
        super().__init__("clamd", folder / "clamd.log", {**os.environ, processes.MARK: str(folder)})
        self._program, self._folder, self._options = program, folder, options
        self._port = processes.free_port()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    def command(self) -> list[str]:
        return [self._program, "--config-file", str(self._folder / "clamd.conf")]

    def prepare(self) -> None:
        """A folder with one .ndb file is a database: nothing signed and nothing downloaded is needed."""
        database, temporary = self._folder / "database", self._folder / "temporary"
        for each in (database, temporary):
            each.mkdir(parents=True, exist_ok=True)
        (database / "test.ndb").write_text(f"{SIGNATURE}:0:*:{INFECTED.hex()}\n")
        lines = {
            "Foreground": "yes",
            "DatabaseDirectory": str(database),
            "TemporaryDirectory": str(temporary),
            "TCPAddr": "127.0.0.1",
            "TCPSocket": str(self._port),
            **LIMITS,
            **self._options,
        }
        (self._folder / "clamd.conf").write_text("".join(f"{name} {value}\n" for name, value in lines.items()))

    def is_ready(self) -> bool:
        try:
            return self.is_alive() and ClamAV(self.address, 1.0).scan([b"are you there"]).clean
        except ScannerUnavailable:
            return False


@contextmanager
def clamd(folder: Path, **options: str) -> Iterator[str]:
    """Give the address of a clamd that works in this folder; `options` are lines of clamd.conf.

    To be entered in the main thread (config/devtools/processes.py says why).
    """
    program = shutil.which("clamd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin")
    if program is None:
        pytest.skip("clamd is missing: apt-get install clamav-daemon")
    daemon = Clamd(program, folder, options)
    try:
        daemon.start()
        yield daemon.address
    finally:
        daemon.stop()
