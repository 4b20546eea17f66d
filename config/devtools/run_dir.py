"""The folder that `make run` keeps its state in: data, secrets, logs, and who runs there."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
from collections.abc import Mapping
from pathlib import Path

from config.devtools.servers import secret_in, write_private

ROOT = Path(__file__).resolve().parents[2]


class Unusable(Exception):
    """The launcher cannot work here; the message is one sentence that says why."""


class RunDir:
    """One run folder, held by this process until it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.logs = self.path / "logs"
        self.pids = self.path / "pids.json"

    @classmethod
    def from_environment(cls) -> RunDir:
        """Take RUN_DIR, or `.run` in the project."""
        return cls(Path(os.environ.get("RUN_DIR") or ROOT / ".run"))

    def take(self) -> None:
        """Make the folder if need be and hold it alone.

        Raises:
            Unusable: it belongs to another user, or another launcher is at work in it.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)  # letters lie in it
            self._check_owner()
            self.logs.mkdir(exist_ok=True)
            self._lock = (self.path / "lock").open("a+")
        except OSError as error:
            raise Unusable(f"{self.path} cannot be used: {error.strerror}; set RUN_DIR to another folder.") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.seek(0)
            pid = self._lock.read().strip() or "unknown"
            self.release()
            raise Unusable(f"make run is up already in {self.path} (process {pid}).") from None
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()

    def release(self) -> None:
        """Let another launcher have the folder; the end of the process does the same."""
        self._lock.close()

    def _check_owner(self) -> None:
        owner = self.path.stat().st_uid
        if owner != os.geteuid():
            whose = f"{self.path} belongs to {_user_name(owner)}"
            raise Unusable(f"{whose}: run as that user, remove it, or set RUN_DIR to another folder.")

    def secret(self, name: str) -> str:
        """Give a secret of this folder; made at random the first time, kept ever after."""
        return secret_in(self.path / name, 10 if name == "admin-password" else 24)  # that one gets typed

    def log(self, name: str) -> Path:
        """Give an empty log file; the one of the last run is kept beside it with `.1` at its end."""
        path = self.logs / f"{name}.log"
        if path.exists():
            path.replace(path.with_name(f"{name}.log.1"))
        path.touch()
        return path

    def write_env(self, values: Mapping[str, str]) -> None:
        """Leave the settings where a second terminal's `manage.py` finds them."""
        write_private(self.path / "env", "".join(f"{name}={value}\n" for name, value in values.items()))

    def write_pids(self, pids: Mapping[str, int]) -> None:
        """Leave the process id of each part for whoever wants to look at one, or to kill one."""
        draft = self.pids.with_name("pids.json.new")
        draft.write_text(json.dumps(pids, indent=1) + "\n")
        draft.replace(self.pids)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
