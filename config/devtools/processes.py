"""Child processes that never outlive their launcher."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

PR_SET_PDEATHSIG = 1
# Marks whatever a launcher started, and what that started in turn; the value is the run folder.
MARK = "LAUNCHED_IN"


LIBC = ctypes.CDLL(None)  # loaded here: between fork and exec nothing should be


def follow_parent(death_signal: signal.Signals) -> None:
    """From now on this process gets `death_signal` when its parent dies."""
    LIBC.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """Make a `preexec_fn`: its process gets `death_signal` when ours dies, kill -9 included.

    To be called, and the child to be started, in the main thread: the kernel watches the thread that forked.
    """
    parent = os.getpid()

    def in_child() -> None:
        for each in (signal.SIGINT, signal.SIGHUP):  # ignored ones (nohup, a script's `&`) would stay so
            signal.signal(each, signal.SIG_DFL)
        follow_parent(death_signal)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return in_child


def spawn(
    command: list[str], *, log: Path, environment: Mapping[str, str], death_signal: signal.Signals
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own: Ctrl-C reaches the launcher only. Output is added to `log`."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
            preexec_fn=die_with_parent(death_signal),
        )


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal the process and everything in its session; gone already is fine."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def free_port() -> int:
    """Give a port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def leftovers(run_dir: Path) -> list[int]:
    """Find live processes of an earlier launcher on this folder, by their mark or by where they work.

    PostgreSQL writes its title over its environment, so it is known by its working folder, the data folder.
    """
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _belongs(entry, run_dir)]


def _belongs(process: Path, run_dir: Path) -> bool:
    if process.name == str(os.getpid()):
        return False
    try:
        if f"{MARK}={run_dir}".encode() in (process / "environ").read_bytes().split(b"\0"):
            return True
        return process.joinpath("exe").readlink().name in ("postgres", "valkey-server") and (
            process.joinpath("cwd").readlink().is_relative_to(run_dir)
        )
    except OSError:  # gone, a zombie, or another user's
        return False


def clear_leftovers(run_dir: Path, patience: float = 3.0) -> None:
    """Leave no process of an earlier launcher: most end by themselves within moments, the rest is killed."""
    deadline = time.monotonic() + patience
    while found := leftovers(run_dir):
        if time.monotonic() > deadline:
            kill(found)
        time.sleep(0.05)


def kill(pids: Iterable[int]) -> None:
    """End processes at once; gone already is fine."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
