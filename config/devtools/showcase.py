"""The service with demo data, thrown away afterwards: for pictures of its pages, and for tests in a browser."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.devtools import processes
from config.devtools.chromium import Browser
from config.devtools.parts import Part, PartFailed, stop_all, wait_ready
from config.devtools.run_dir import ROOT

# What a user's shell has, and nothing that names another service's servers.
SHELL = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
START_SECONDS, END_SECONDS = 120.0, 10.0


class Showcase(Part):
    """One launcher (`make run`) in a run folder of its own."""

    stop_signal = signal.SIGTERM
    death_signal = signal.SIGTERM

    def __init__(self, folder: Path) -> None:
        self.run_dir = folder / "run"
        port = processes.free_port()
        self.url = f"http://127.0.0.1:{port}"
        super().__init__("service", folder / "terminal.log", {**SHELL, "RUN_DIR": str(self.run_dir), "PORT": str(port)})

    def command(self) -> list[str]:
        """As `make run` does."""
        return [sys.executable, "-m", "config.devtools.run"]

    def is_ready(self) -> bool:
        """Tell by the launcher's last word."""
        return self.is_alive() and "READY" in self.log.read_text(encoding="utf-8").splitlines()

    def manage(self, *words: str) -> str:
        """What a command of manage.py prints, in a second terminal.

        Raises:
            PartFailed: with what it complained of.
        """
        command = [sys.executable, "manage.py", *words]
        environment = {**SHELL, "RUN_DIR": str(self.run_dir)}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise PartFailed(done.stderr.strip())
        return done.stdout

    def log_in(self, browser: Browser, username: str = "admin") -> None:
        """The browser is inside. All people of the demo have the same password."""
        password = (self.run_dir / "admin-password").read_text().strip()
        browser.open(f"{self.url}/admin/login/?next=/admin/")
        browser.submit(
            f"document.querySelector('#id_username').value = '{username}';"
            f"document.querySelector('#id_password').value = '{password}';"
            "document.querySelector('#login-form input[type=submit]').click()"
        )


@contextmanager
def showcase(folder: Path, letters: int) -> Iterator[Showcase]:
    """The service, up and filled; it ends with this block. For the main thread."""
    service = Showcase(folder)
    try:
        service.launch()
        wait_ready([service], START_SECONDS, lambda: None)
        service.manage("demo_data", "--letters", str(letters))
        yield service
    finally:
        stop_all([service], END_SECONDS)
