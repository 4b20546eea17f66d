"""Keeps parts alive until it is told to stop, and shows on the terminal what deserves a look."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from config.devtools.parts import Part

TICK_SECONDS = 0.2
ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LONGEST_PAUSE_SECONDS = 15.0
HEALTHY_AFTER_SECONDS = 30.0
BIGGEST_LOG_BYTES = 100_000_000
# Lines of our JSON logs, of the servers, and of Python before logging is set up.
TROUBLE = re.compile(r'"level": ?"(warning|error|critical)"|\b(WARNING|ERROR|CRITICAL|FATAL|PANIC)\b|^Traceback ')
NO_TROUBLE = re.compile(r"vm\.overcommit_memory")  # Valkey's advice for big machines


class Stopped(Exception):
    """The user wants the launcher to end."""


class StopRequest:
    """Counts the signals that ask for an end; nothing else happens in a handler."""

    def __init__(self) -> None:
        self.count = 0
        self.last = 0
        for number in ASKING:
            # nohup ignores SIGHUP on purpose; an ignored SIGINT only means "started by a script's &".
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._note)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKING)  # environment.py held them back until now

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        self.last = number

    def check(self) -> None:
        """Raise Stopped once a signal has come."""
        if self.count:
            raise Stopped

    def impatient(self) -> bool:
        """Tell whether the user has asked twice or more."""
        return self.count > 1


class Tail:
    """Reads what a log has gained since the last look, beginning now."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = path.stat().st_size

    def new_lines(self) -> list[str]:
        """Give the lines that are complete by now; a log grown huge is emptied after."""
        with self.path.open("rb") as log:
            log.seek(self._offset)
            complete, newline, _ = log.read().rpartition(b"\n")
        self._offset += len(complete) + len(newline)
        if self._offset > BIGGEST_LOG_BYTES:
            os.truncate(self.path, 0)  # its writers append
            self._offset = 0
        return complete.decode(errors="replace").splitlines()


class Supervisor:
    """Watches parts that are up already and starts again whichever ends."""

    def __init__(self, parts: Sequence[Part], say: Callable[[str], None], changed: Callable[[], None]) -> None:
        self.parts = parts
        self.say = say
        self.changed = changed
        self._tails = {part.name: Tail(part.log) for part in parts}
        self._launched = {part.name: time.monotonic() for part in parts}
        self._pauses = {part.name: 0.5 for part in parts}
        self._due: dict[str, float] = {}

    def run(self, stop: StopRequest) -> None:
        """Watch until Stopped is raised."""
        while True:
            stop.check()
            self.look()
            time.sleep(TICK_SECONDS)

    def look(self) -> None:
        """Do one round: show trouble, notice the dead, launch those whose pause is over."""
        self.show_trouble()
        for part in self.parts:
            if part.name in self._due:
                self._relaunch_when_due(part)
            elif not part.is_alive():
                self._bury(part)

    def show_trouble(self) -> None:
        """Print the lines of all logs that tell of something wrong."""
        for part in self.parts:
            for line in self._tails[part.name].new_lines():
                if TROUBLE.search(line) and not NO_TROUBLE.search(line):
                    self.say(f"{part.name:<8} | {line}")

    def _bury(self, part: Part) -> None:
        part.kill()  # what it started itself must not stay
        now = time.monotonic()
        if now - self._launched[part.name] > HEALTHY_AFTER_SECONDS:
            self._pauses[part.name] = 0.5
        pause = self._pauses[part.name]
        self._pauses[part.name] = min(pause * 2, LONGEST_PAUSE_SECONDS)
        self._due[part.name] = now + pause
        self.say(f"{part.name} ended ({_how(part)}); starting it again in {pause:g} s (log: {part.log})")

    def _relaunch_when_due(self, part: Part) -> None:
        if time.monotonic() < self._due[part.name]:
            return
        del self._due[part.name]
        self._launched[part.name] = time.monotonic()
        part.launch()
        self.changed()


def _how(part: Part) -> str:
    code = part.process.returncode if part.process else None
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
