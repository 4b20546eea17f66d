"""`make fuzz`: calls every operation of the OpenAPI document with what it allows, and with what it does not.

The service is started as `make run` starts it, on ports and in a folder of its own, and ends with the run. Exit code 1
where an answer was not as the document says, or the logs or the database show something wrong afterwards.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from config.devtools.run import print_line
from config.devtools.run_dir import ROOT
from tests.fuzz import campaign, report


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make fuzz ARGS=...", description=str(__doc__).partition("\n")[0])
    parser.add_argument("--cases", type=int, default=2000, help="for each operation, over all kinds of callers")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(1_000_000), help="of an earlier run, to repeat it"
    )
    parser.add_argument("--as", dest="callers", action="append", default=[], metavar="CALLER", help="only this kind")
    parser.add_argument("--folder", type=Path, help="a new one for data and logs; kept")
    return parser.parse_args()


def main() -> None:
    """Run it; print the table and the findings."""
    options = arguments()
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    folder = (options.folder or Path(tempfile.mkdtemp(prefix="correspondence-fuzz-"))).resolve()
    print_line(f"seed {options.seed}, folder {folder}")
    result = campaign.run(folder, cases=options.cases, seed=options.seed, only=options.callers, say=print_line)
    print_line(f"\n{report.table(result)}\n{report.findings(result)}")
    print_line(f"{time.monotonic() - started:.0f} s, seed {options.seed}")
    if result.findings:
        sys.exit(f"Findings. The logs, and what schemathesis said: {folder}")
    if not options.folder:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
