"""A part that dies comes back, with its children gone; trouble in a log is shown."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.devtools.lint import places_in
from config.devtools.parts import Part, PartFailed, stop_all
from config.devtools.supervisor import Supervisor
from tests.acceptance.service import has_ended
from tests.acceptance.waiting import until

WITH_CHILD = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid, flush=True); import time; time.sleep(60)"


class Script(Part):
    def __init__(self, log: Path, code: str) -> None:
        super().__init__("script", log, dict(os.environ))
        self.code = code

    def command(self) -> list[str]:
        return [sys.executable, "-c", self.code]


@pytest.fixture
def part(tmp_path: Path) -> Iterator[Script]:
    script = Script(tmp_path / "script.log", WITH_CHILD)
    script.launch()
    until(lambda: script.log_tail() != "")
    yield script
    script.kill()


def looked(supervisor: Supervisor) -> bool:
    supervisor.look()
    return True


def pid_of(part: Part) -> int:
    assert part.process is not None
    return part.process.pid


def test_a_killed_part_is_started_again_and_its_children_are_gone(part: Script) -> None:
    said: list[str] = []
    changes: list[int] = []
    supervisor = Supervisor([part], said.append, lambda: changes.append(pid_of(part)))
    first, child = pid_of(part), int(part.log_tail())

    os.kill(first, signal.SIGKILL)
    until(lambda: looked(supervisor) and pid_of(part) != first)

    assert changes == [pid_of(part)]
    assert "script ended (signal 9); starting it again in 0.5 s" in said[0]
    until(lambda: has_ended(child))


def test_only_trouble_reaches_the_terminal(part: Script) -> None:
    said: list[str] = []
    supervisor = Supervisor([part], said.append, lambda: None)

    with part.log.open("a") as log:
        log.write(
            '{"event": "letter_published", "level": "info"}\n'
            '{"event": "broker_lost", "level": "warning"}\n'
            "half a WARNING"
        )
    supervisor.look()

    assert said == ['script   | {"event": "broker_lost", "level": "warning"}']


def test_a_part_that_cannot_start_shows_its_log(tmp_path: Path) -> None:
    script = Script(tmp_path / "script.log", "raise SystemExit('no such setting')")
    script.is_ready = lambda: False  # type: ignore[method-assign]

    with pytest.raises(PartFailed, match="no such setting\nscript ended while starting"):
        script.start()


def test_a_deaf_part_is_killed_when_patience_ends(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(3600)"
    script = Script(tmp_path / "script.log", deaf)
    script.launch()
    until(lambda: script.log_tail() == "deaf")

    stop_all([script], patience=0.3)

    assert not script.is_alive()


def test_a_lock_that_names_a_place_is_found() -> None:
    assert places_in("a==1 \\\n    --hash=sha256:00\n--extra-index-url https://x\n--find-links here\n") == [
        "--extra-index-url https://x",
        "--find-links here",
    ]
