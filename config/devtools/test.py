"""`make test`: pytest on a PostgreSQL and a Valkey of its own, which are gone afterwards.

Without arguments all tests run: first those within one process, in shares side by side, each on servers of its own
(tests/shares.py); then those that start the whole service, which have the machine to themselves, so that what they
wait for is late by its own fault only. Arguments go to pytest, which runs once and in one process then. `--bench`
runs the measurements in tests/bench in place of the tests.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config.devtools import processes
from config.devtools.parts import PartFailed, stop_all, wait_ready
from config.devtools.run_dir import ROOT
from config.devtools.servers import Postgres, Server, Valkey
from config.devtools.supervisor import Stopped, StopRequest

PREFIX = "correspondence-test-"
MOST_SHARES = 4


@contextmanager
def throw_away_folder() -> Iterator[Path]:
    """Give a folder that is gone afterwards; so are those of earlier runs that were killed."""
    for stale in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _remove_unless_held(stale)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_unless_held(folder: Path) -> None:
    try:
        with (folder / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:  # in use, just being made, or another user's
        return


@contextmanager
def servers(
    folder: Path, *, durable: bool = False, check: Callable[[], None] = lambda: None
) -> Iterator[tuple[Postgres, Valkey]]:
    """Give both servers, which are up; they end with this block. `check` may raise to give up while they start."""
    postgres, valkey = Postgres(folder / "postgres", durable=durable), Valkey(folder / "valkey")
    both: list[Server] = [postgres, valkey]
    try:
        for each in both:
            each.launch()
        wait_ready(both, 60.0, check)
        yield postgres, valkey
    finally:
        stop_all(both, patience=3.0)


@contextmanager
def shares(folder: Path, count: int, stop: StopRequest) -> Iterator[list[dict[str, str]]]:
    """Give the variables of each share: servers and a run folder that no other share touches."""
    with ExitStack() as stack:
        shared = []
        for number in range(count):
            own = folder / f"share-{number}"
            own.mkdir()
            shared.append(variables(own, *stack.enter_context(servers(own, check=stop.check))))
        yield shared


def variables(folder: Path, postgres: Postgres, valkey: Valkey) -> dict[str, str]:
    """Give what tests run under. A run folder of their own keeps them from the user's."""
    return {
        "ENVIRONMENT": "development",
        "DATABASE_URL": postgres.url,
        "REDIS_URL": valkey.url,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "RUN_DIR": str(folder),
    }


def share_count(arguments: list[str]) -> int:
    """Give one for chosen tests, and for all tests as many as this machine has processors."""
    return 1 if arguments else min(len(os.sched_getaffinity(0)), MOST_SHARES)


def commands(arguments: list[str], count: int) -> list[list[str]]:
    """Give pytest's command lines, one to be run after the other."""
    pytest = [sys.executable, "-m", "pytest"]
    if arguments[:1] == ["--bench"]:
        return [[*pytest, "tests/bench", "-s", *arguments[1:]]]
    if arguments:
        return [[*pytest, *arguments]]
    beside = ["-p", "tests.shares", "-n", str(count), "--dist", "loadfile", "--max-worker-restart", "0"]
    return [[*pytest, "-m", "not e2e", *beside], [*pytest, "-m", "e2e"]]


def run_pytest(words: list[str], environment: dict[str, str], stop: StopRequest) -> int:
    """Run it in our own session: Ctrl-C reaches it as well, and it ends with its own summary."""
    process = subprocess.Popen(words, env=environment, preexec_fn=processes.die_with_parent(signal.SIGTERM))
    while True:
        try:
            return process.wait(0.2)
        except subprocess.TimeoutExpired:
            if stop.last in (signal.SIGTERM, signal.SIGHUP):
                return _end(process)


def _end(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGINT)  # pytest's orderly way: fixtures are torn down
    try:
        return process.wait(8)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def main() -> None:
    """End with pytest's exit code, the worse one of two."""
    os.chdir(ROOT)
    stop = StopRequest()
    count = share_count(sys.argv[1:])
    try:
        with throw_away_folder() as folder, shares(folder, count, stop) as shared:
            environment = {**os.environ, **shared[0], "TEST_SHARES": json.dumps(shared)}
            codes = [run_pytest(words, environment, stop) for words in commands(sys.argv[1:], count) if not stop.last]
            code = max(codes, default=130)
    except PartFailed as failure:
        sys.exit(str(failure))
    except Stopped:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
