"""`make drill`: breaks the service in every way we know, under load, and says what was lost."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from config.devtools.run_dir import ROOT
from config.devtools.test import throw_away_folder
from tests.drill.drill import EVERY_FAULT, Drill
from tests.drill.field import laid_out
from tests.drill.stream import Load


def main() -> None:
    """End with exit code 0 after a drill in which nothing was lost, doubled or wrong; else with 1, and say what."""
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asked = _arguments()
    started = time.monotonic()

    def say(text: str) -> None:
        sys.stdout.write(f"[{time.monotonic() - started:6.1f} s] {text}\n")
        sys.stdout.flush()

    say(f"seed {asked.seed}")
    schedule = {fault: secs for fault, secs in EVERY_FAULT.items() if not asked.only or fault.__name__ in asked.only}
    load = Load(asked.rate, asked.seed)
    with throw_away_folder() as folder, laid_out(folder, durable=True, load=load) as field:
        if not field.service.has_disk:
            say("this machine lets nobody mount a file system: the disk will not be full")
            schedule = {fault: seconds for fault, seconds in schedule.items() if fault.__name__ != "disk_full"}
        drill = Drill(field, seed=asked.seed, say=say)
        report = drill.run(schedule, letters=asked.letters)
        if asked.keep_logs:
            asked.keep_logs.mkdir(parents=True, exist_ok=True)
            for name, text in field.service.logs().items():
                (asked.keep_logs / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"\n{report.table}\n\n")
    for fault in report.faults:
        sys.stdout.write(f"{fault}\n")
    sys.exit(1 if report.faults else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("--letters", type=int, default=30_000, help="at least so many are accepted")
    parser.add_argument("--rate", type=float, default=80, help="letters a second")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", nargs="*", help="names of faults, such as broker_killed")
    parser.add_argument("--keep-logs", type=Path, metavar="FOLDER", help="copy the service's logs there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
