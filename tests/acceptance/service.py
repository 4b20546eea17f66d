"""The whole service, started as `make run` starts it: launcher, web, worker, beat."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from config.devtools import processes
from config.devtools.parts import Part
from config.devtools.run_dir import ROOT
from tests.acceptance.waiting import until
from tests.metrics import Metrics

# What a user's shell has. Nothing of `make test`, which sets the service's own variables for the unit tests.
SHELL = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
API = "/correspondence/api/v1"


class Service(Part):
    """One launcher and all it starts, in a run folder of its own."""

    stop_signal = signal.SIGTERM
    death_signal = signal.SIGTERM

    def __init__(self, folder: Path, **settings: str) -> None:
        self.run_dir = folder / "run"
        port = processes.free_port()
        self.base_url = f"http://127.0.0.1:{port}"
        self.api_url = self.base_url + API
        where = {"RUN_DIR": str(self.run_dir), "PORT": str(port)}
        super().__init__("service", folder / "terminal.log", {**SHELL, **where, **settings})

    def command(self) -> list[str]:
        return [sys.executable, "-m", "config.devtools.run"]

    def is_ready(self) -> bool:
        return self.is_alive() and "READY" in self.terminal.splitlines()

    @property
    def terminal(self) -> str:
        """What the newcomer reads."""
        return self.log.read_text(encoding="utf-8")

    @property
    def token(self) -> str:
        """The one in the curl line that is printed at the start."""
        match = re.search(r"Authorization: Bearer (\S+)'", self.terminal)
        assert match is not None
        return match[1]

    @property
    def settings(self) -> dict[str, str]:
        """What a second terminal finds."""
        lines = (self.run_dir / "env").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def metrics(self, part: str) -> Metrics:
        """What the part tells at this moment, at the address that is printed at the start."""
        match = re.search(rf"{part} (http://\S+/metrics)", self.terminal)
        assert match is not None
        return Metrics(requests.get(match[1], timeout=10).text)

    def pid(self, part: str) -> int:
        pids: dict[str, int] = json.loads((self.run_dir / "pids.json").read_text(encoding="utf-8"))
        return pids[part]

    def kill_9(self, part: str) -> int:
        """End a part and its children as the kernel does when memory is short. Answers which process it was."""
        pid = self.pid(part)
        os.killpg(pid, signal.SIGKILL)
        return pid

    def terminate(self, part: str) -> None:
        """Ask the part's first process to end, as systemd and Kubernetes do."""
        os.kill(self.pid(part), signal.SIGTERM)

    def await_another(self, part: str, than: int) -> None:
        """Come back when the launcher has started the part again, and the service is healthy."""
        until(lambda: self.pid(part) != than)
        self.await_health()

    def await_health(self) -> None:
        until(self._is_healthy, seconds=30)

    def _is_healthy(self) -> bool:
        try:
            return requests.get(f"{self.base_url}/health/ready", timeout=10).status_code == 200
        except requests.ConnectionError:
            return False

    def beside_it(self) -> list[str]:
        """Words before a command that is to see what the service sees."""
        return []

    def manage(self, *words: str) -> str:
        """Run `manage.py` as somebody with a plain shell does; answers what it prints."""
        environment = {**SHELL, "RUN_DIR": str(self.run_dir)}
        command = [*self.beside_it(), sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def files(self) -> set[str]:
        """What lies in the folder of attachments, unfinished files among it."""
        folder = self.run_dir / "attachments"
        return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}

    def logs(self) -> dict[str, str]:
        """The text of each log, the launcher's own among them."""
        files = [self.log, *(self.run_dir / "logs").glob("*.log*")]
        return {file.name: file.read_text(encoding="utf-8") for file in files}

    def events(self, part: str) -> list[dict[str, Any]]:
        """The lines of a part's log that are JSON."""
        lines = self.logs()[f"{part}.log"].splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


def children(pid: int) -> list[int]:
    """The processes that this one has started."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def has_ended(pid: int) -> bool:
    """Whether the process does no more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@contextmanager
def running(service: Service) -> Iterator[Service]:
    """Start the service; end it as its user does, and see that nothing of it stays."""
    service.run_dir.parent.mkdir(parents=True, exist_ok=True)
    try:
        service.start(patience=90)
        yield service
    finally:
        service.stop(patience=12)
    assert processes.leftovers(service.run_dir) == []
