"""Beat's sign of life, as its health check reads it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import current_app
from celery.beat import PersistentScheduler
from django.utils.module_loading import import_string

from config import beat
from tests.docs.variables import ROOT


def check(folder: Path) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "RUN_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "config.beat"], cwd=ROOT, env=environment, capture_output=True, text=True
    )


def test_settings_name_the_scheduler_that_notes_its_turns(settings):
    assert import_string(settings.CELERY_BEAT_SCHEDULER) is beat.Scheduler
    assert issubclass(beat.Scheduler, PersistentScheduler)


def test_a_beat_that_never_turned_is_not_healthy(tmp_path: Path) -> None:
    done = check(tmp_path)

    assert (done.returncode, done.stderr.strip()) == (1, "beat has not turned for inf s")


def test_one_turn_makes_it_healthy(tmp_path: Path) -> None:
    scheduler = beat.Scheduler(current_app, schedule_filename=str(tmp_path / "beat-schedule"), lazy=True)
    scheduler.setup_schedule()
    scheduler.schedule.clear()  # nothing is due
    scheduler.tick()
    scheduler.close()

    assert check(tmp_path).returncode == 0


@pytest.mark.parametrize(("age", "code"), [(30, 0), (90, 1)])
def test_it_is_the_age_of_the_last_turn_that_counts(tmp_path: Path, age: int, code: int) -> None:
    note = tmp_path / beat.HEARTBEAT
    note.touch()
    now = note.stat().st_mtime
    os.utime(note, (now - age, now - age))

    assert check(tmp_path).returncode == code
