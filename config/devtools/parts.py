"""A part: one long-running process of ours or a server, with its log and its manner of ending."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from config.devtools import processes


class PartFailed(Exception):
    """A part did not come up; the message holds the end of its log."""


class Part:
    """A process that can be launched, ended and launched again. Nothing of it stays behind."""

    stop_signal = signal.SIGTERM
    death_signal = signal.SIGKILL

    def __init__(self, name: str, log: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.log = log
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """Give the command line of the process."""
        raise NotImplementedError

    def is_ready(self) -> bool:
        """Tell whether it does its work by now."""
        return self.is_alive()

    def prepare(self) -> None:
        """Hook: what must hold before each launch."""

    def launch(self) -> None:
        """Start the process and go on at once."""
        self.prepare()
        self.process = processes.spawn(
            self.command(), log=self.log, environment=self.environment, death_signal=self.death_signal
        )

    def start(self, patience: float = 60.0) -> None:
        """Launch the process and come back when it is ready."""
        self.launch()
        wait_ready([self], patience)

    def is_alive(self) -> bool:
        """Tell whether its first process runs."""
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Ask for an orderly end and go on at once."""
        if self.process is not None and self.is_alive():
            self.process.send_signal(self.stop_signal)

    def stop(self, patience: float = 3.0) -> None:
        """Leave no process of it, in an orderly way if that is possible within `patience` seconds."""
        stop_all([self], patience)

    def kill(self) -> None:
        """Leave no process of it, as kill -9 does."""
        if self.process is not None:
            processes.signal_group(self.process, signal.SIGKILL)
            self.process.wait()

    def log_tail(self, lines: int = 15) -> str:
        """Give the end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


def wait_ready(parts: Sequence[Part], patience: float, check: Callable[[], None] = lambda: None) -> None:
    """Come back when all are ready. `check` is called again and again and may raise to give up.

    Raises:
        PartFailed: one of them ended, or is not ready after `patience` seconds.
    """
    deadline = time.monotonic() + patience
    waiting = list(parts)
    while waiting := [part for part in waiting if not part.is_ready()]:
        check()
        for part in waiting:
            if not part.is_alive():
                raise PartFailed(f"{part.log_tail()}\n{part.name} ended while starting (its log: {part.log}).")
        if time.monotonic() > deadline:
            part = waiting[0]
            raise PartFailed(f"{part.log_tail()}\n{part.name} is not ready after {patience:.0f} s ({part.log}).")
        time.sleep(0.05)


def stop_all(parts: Sequence[Part], patience: float, hurry: Callable[[], bool] = lambda: False) -> None:
    """Leave no process of these parts: first asked, in this order; killed after `patience` seconds."""
    for part in parts:
        part.ask_to_stop()
    deadline = time.monotonic() + patience
    while any(part.is_alive() for part in parts) and time.monotonic() < deadline and not hurry():
        time.sleep(0.02)
    for part in parts:
        part.kill()
