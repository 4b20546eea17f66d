"""What the drill breaks: the whole service on servers of its own, its attachments on a small disk of their own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.devtools.run_dir import ROOT
from config.devtools.servers import Postgres, Valkey
from tests.acceptance.rig import servers
from tests.acceptance.service import Service, running
from tests.drill.books import Books
from tests.drill.stream import Load, Stream

DISK = "256m"
# What died is found soon, where in production it may take a minute or two.
HASTE = {"UPLOAD_LEASE_SECONDS": "6", "FORGOTTEN_AFTER_SECONDS": "5", "SWEEP_EVERY_SECONDS": "2"}
# A mount that only the service and its children see.
OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount", "--"]


class ServiceOnASmallDisk(Service):
    """Its folder of attachments is a file system that can be filled, where this machine lets us mount one."""

    def __init__(self, folder: Path, **settings: str) -> None:
        super().__init__(folder, **settings)
        self.attachments = self.run_dir / "attachments"
        self.has_disk = can_mount()

    def command(self) -> list[str]:
        if not self.has_disk:
            return super().command()
        mount = f'mount -t tmpfs -o size={DISK},mode=0700 none "$0" && exec "$@"'
        return [*OWN_MOUNTS, "sh", "-c", mount, str(self.attachments), *super().command()]

    def prepare(self) -> None:
        self.run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.attachments.mkdir(mode=0o700, exist_ok=True)

    def beside_it(self) -> list[str]:
        assert self.process is not None
        enter = ["nsenter", "--target", str(self.process.pid), "--user", "--mount", "--preserve-credentials", "--"]
        return [*enter, "env", "--chdir", str(ROOT)] if self.has_disk else []

    @property
    def disk(self) -> Path:
        """The folder of attachments, as seen from outside."""
        assert self.process is not None
        return Path(f"/proc/{self.process.pid}/root{self.attachments}") if self.has_disk else self.attachments


def can_mount() -> bool:
    """Whether this machine lets us have a file system of our own."""
    probe = [*OWN_MOUNTS, "mount", "-t", "tmpfs", "none", "/mnt"]
    return bool(shutil.which("unshare")) and subprocess.run(probe, capture_output=True).returncode == 0


@dataclass(frozen=True)
class Field:
    """The service, its two servers, a look into the database, and those who send."""

    service: ServiceOnASmallDisk
    postgres: Postgres
    valkey: Valkey
    books: Books
    stream: Stream


@contextmanager
def laid_out(folder: Path, *, durable: bool, load: Load) -> Iterator[Field]:
    """Give a service that is up; all of it ends with this block."""
    with servers(folder / "servers", durable=durable) as (postgres, valkey):
        service = ServiceOnASmallDisk(folder, DATABASE_URL=postgres.url, REDIS_URL=valkey.url, **HASTE)
        with running(service), Books.opened(postgres.url) as books:
            stream = Stream(service.api_url, service.token, load)
            yield Field(service, postgres, valkey, books, stream)
