"""Second stage: makes `.venv` hold exactly what a requirements file names, then becomes the tool asked for.

Usage: environment.py run|test|lint|audit|generate [ARGS]. Standard library only; started by bootstrap.py.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UV = "uv==0.13.9"
STILL_AT_IT_SECONDS = 5
PR_SET_PDEATHSIG = 1


class SetupFailed(Exception):
    """The environment could not be built; the message says why."""


class Environment:
    """One virtual environment and the two requirements files that it can be built from."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self.log = self.folder / "setup.log"
        self.started = time.monotonic()

    def ensure(self, kind: str) -> None:
        """Leave an environment that satisfies `kind` ("run" or "dev"), built only if it is not there yet."""
        if self.is_current(kind):
            return
        with self._alone():
            if not self.is_current(kind):
                self._build(kind)

    def is_current(self, kind: str) -> bool:
        """Tell whether the last set-up ended well and still fits. The dev set holds all of the run set."""
        accepted = {"run": ("run", "dev"), "dev": ("dev",)}[kind]
        return os.access(self.python, os.X_OK) and self._read_stamp() in [self._stamp(each) for each in accepted]

    def requirements(self, kind: str) -> Path:
        """Name the hashed requirements file of a set."""
        return self.root / f"requirements-{kind}.txt"

    def _stamp(self, kind: str) -> str:
        digest = hashlib.sha256(self.requirements(kind).read_bytes()).hexdigest()
        return f"{kind} {digest}\n{sys.version}\n{self.folder}\n"  # a moved folder breaks the scripts in bin/

    def _read_stamp(self) -> str:
        try:
            return (self.folder / "stamp").read_text()
        except OSError:
            return ""

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold off a second set-up of the same folder until this one is done."""
        try:
            self.folder.mkdir(exist_ok=True)
            lock = (self.folder / "lock").open("w")
        except OSError as error:
            whose = f"{self.folder} does not fit this Python or these requirements and belongs to another user"
            raise SetupFailed(f"{whose} ({error.strerror}); work in a copy of your own.") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._say("another set-up of .venv is under way; waiting for it")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _build(self, kind: str) -> None:
        # Without its stamp an interrupted installation is done again.
        (self.folder / "stamp").unlink(missing_ok=True)
        self.log.unlink(missing_ok=True)
        self._say("setting up .venv; this takes about half a minute, later starts skip it")
        self._create()
        self._install(kind)
        (self.folder / "stamp").write_text(self._stamp(kind))
        self._say(".venv is ready")

    def _create(self) -> None:
        if self._made_by_this_python():
            return
        for entry in self.folder.iterdir():
            if entry.name != "lock":
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        self._step(
            f"creating .venv with Python {sys.version.split()[0]}",
            [_base_python(), "-m", "venv", self.folder],
        )

    def _made_by_this_python(self) -> bool:
        """Tell whether the folder is whole enough to install into. A half-made one has no pip yet."""
        probe = "import sys, pip; print(sys.version); print(sys.prefix)"
        try:
            answer = subprocess.run([self.python, "-I", "-c", probe], capture_output=True, text=True, timeout=60)
        except OSError:
            return False
        return answer.stdout == f"{sys.version}\n{self.folder}\n"

    def _install(self, kind: str) -> None:
        file = self.requirements(kind)
        count = sum("==" in line for line in file.read_text().splitlines())
        pip: list[str | Path] = [self.python, "-m", "pip", "install", "--disable-pip-version-check"]
        try:
            uv = self._uv(pip)
            command: list[str | Path] = [uv, "pip", "sync", "--python", self.python, "--require-hashes", file]
            self._step(f"installing up to {count} packages from {file.name}", command)
        except SetupFailed:
            self._say(f"uv failed (see {self.log}); going on with pip, which is slower")
            command = [*pip, "--require-hashes", "--requirement", file]
            self._step(f"installing up to {count} packages from {file.name} with pip", command)

    def _uv(self, pip: list[str | Path]) -> Path:
        """Give the path of uv. It lives apart: `uv pip sync` would remove itself from what it syncs."""
        home = self.folder / "uv"
        if not (home / f"{UV.replace('==', '-')}.dist-info" / "RECORD").exists():
            shutil.rmtree(home, ignore_errors=True)
            self._step(f"fetching the installer ({UV})", [*pip, "--target", home, UV])
        return home / "bin" / "uv"

    def _step(self, what: str, command: list[str | Path]) -> None:
        """Run one command to its end, with a sign of life every few seconds."""
        self._say(what)
        with self.log.open("a") as log:
            log.write(f"$ {' '.join(map(str, command))}\n")
            log.flush()
            process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.root,
                preexec_fn=_follow_parent,
            )
            while _still_running(process):
                self._say("  still at it")
        if process.returncode:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])
            raise SetupFailed(f"{tail}\nFailed: {what} (all of it: {self.log}).")

    def _say(self, text: str) -> None:
        print(f"[{time.monotonic() - self.started:5.1f} s] {text}", file=sys.stderr, flush=True)


def _still_running(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(STILL_AT_IT_SECONDS)
    except subprocess.TimeoutExpired:
        return True
    except BaseException:  # Ctrl-C: do not leave an installer behind that writes on
        process.kill()
        process.wait()
        raise
    return False


def _base_python() -> str:
    """Name the machine's own Python, also when started by the one inside the environment to be made."""
    return str(getattr(sys, "_base_executable", sys.executable))


def _follow_parent() -> None:
    """From now on this process gets SIGTERM when its parent dies, kill -9 included; exec keeps that."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def main(arguments: list[str]) -> None:
    """Become `.venv/bin/python -m config.devtools.TOOL ARGS`."""
    tool, *rest = arguments
    environment = Environment(ROOT)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if "MAKELEVEL" in os.environ:  # started by make; a shell's background job on the other hand may outlive its shell
        _follow_parent()
    try:
        environment.ensure("run" if tool == "run" else "dev")
    except SetupFailed as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit("Interrupted; the next start does the set-up again.")
    os.chdir(ROOT)
    if tool in ("run", "test"):  # these handle signals; until they do, Ctrl-C waits
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    os.execv(environment.python, [str(environment.python), "-m", f"config.devtools.{tool}", *rest])


if __name__ == "__main__":
    main(sys.argv[1:])
