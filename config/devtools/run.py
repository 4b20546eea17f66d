"""`make run`: everything on this machine, until Ctrl-C.

From outside: what variables.py names, and RUN_DIR.
The run folder then holds `env`, `pids.json` and `logs/`; the line READY says that letters can be sent.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.devtools import processes, variables, welcome
from config.devtools.parts import Part, PartFailed, stop_all, wait_ready
from config.devtools.run_dir import ROOT, RunDir, Unusable
from config.devtools.servers import Postgres, Server, Valkey
from config.devtools.services import Beat, Web, Worker
from config.devtools.supervisor import Stopped, StopRequest, Supervisor

SERVICES_END_SECONDS = 6.0
SERVERS_END_SECONDS = 2.5


@dataclass(frozen=True)
class Address:
    """Where the web server listens."""

    host: str
    port: int

    @classmethod
    def from_environment(cls) -> Address:
        """Take HOST and PORT, and see that they are free to listen on."""
        text = variables.PORT.get()
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
            raise Unusable(f"PORT is {text!r}; it must be a number from 1 to 65535.")
        address = cls(variables.HOST.get(), int(text))
        address.check()
        return address

    def check(self) -> None:
        """Raise Unusable unless we could listen here."""
        try:
            family = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0][0]
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((self.host, self.port))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise Unusable(f"Port {self.port} of {self.host}: {reason}; choose another: make run PORT=8001") from error

    @property
    def url(self) -> str:
        """Say how to reach it from this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"


class Launcher:
    """All parts of one run, in the order in which they start."""

    def __init__(self, run_dir: RunDir, address: Address, stop: StopRequest) -> None:
        self.run_dir, self.address, self.stop = run_dir, address, stop
        self.started = time.monotonic()
        self.servers: list[Server] = []
        self.metrics_ports: dict[str, int] = {}
        self.services: list[Part] = []

    @property
    def parts(self) -> list[Part]:
        """All of them, servers first."""
        return [*self.servers, *self.services]

    def start(self) -> None:
        """Bring everything up and print the welcome and READY."""
        processes.clear_leftovers(self.run_dir.path)
        environment = self.start_servers()
        token = self.prepare(environment)
        self.start_services(environment)
        self.say("everything is up")
        password = self.run_dir.secret("admin-password")
        print(welcome.text(environment["BASE_URL"], token, password, str(self.run_dir.logs), self.metrics_ports))
        print("READY", flush=True)

    def start_servers(self) -> dict[str, str]:
        """Start what was not given from outside, and give the settings of our own processes."""
        postgres = Postgres(self.run_dir.path / "postgres", log=self.run_dir.log("postgres"))
        valkey = Valkey(self.run_dir.path / "valkey", log=self.run_dir.log("valkey"))
        urls = {each.name: each.get() for each in (variables.DATABASE_URL, variables.REDIS_URL)}
        self.servers = [each for each, url in zip((postgres, valkey), urls.values(), strict=True) if not url]
        if self.servers:
            self.say(f"starting {' and '.join(each.name for each in self.servers)}")
        self.launch(self.servers)
        settings = {
            "ENVIRONMENT": "development",
            "DATABASE_URL": urls["DATABASE_URL"] or postgres.url,
            "REDIS_URL": urls["REDIS_URL"] or valkey.url,
            "SECRET_KEY": self.run_dir.secret("secret-key"),
            "BASE_URL": variables.BASE_URL.get() or self.address.url,
            "PORT": str(self.address.port),
        }
        self.run_dir.write_env(settings)
        run_dir = str(self.run_dir.path)
        return {
            **os.environ,
            **settings,
            "RUN_DIR": run_dir,
            processes.MARK: run_dir,
            "PYTHONUNBUFFERED": "1",
        }

    def prepare(self, environment: dict[str, str]) -> str:
        """Migrate, collect static files, load the demo registry; give a fresh token."""
        self.say("preparing database, static files and demo data")
        log = self.run_dir.log("prepare")
        environment = {**environment, "ADMIN_PASSWORD": self.run_dir.secret("admin-password")}
        environment.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        with tempfile.TemporaryFile() as output, log.open("ab") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "config.devtools.prepare"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env=environment,
                start_new_session=True,
                preexec_fn=processes.die_with_parent(signal.SIGKILL),
            )
            try:
                while process.poll() is None:
                    self.stop.check()
                    time.sleep(0.05)
            finally:
                processes.signal_group(process, signal.SIGKILL)
                process.wait()
            if process.returncode:
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
                raise PartFailed(f"{tail}\nDatabase, static files or demo data could not be prepared (log: {log}).")
            output.seek(0)
            return output.read().decode().split()[-1]

    def start_services(self, environment: dict[str, str]) -> None:
        """Start web, worker and beat side by side."""
        self.say("starting web, worker and beat")
        self.metrics_ports = {name: processes.free_port() for name in ("web", "worker", "beat")}
        web, worker, beat = (
            {**environment, "METRICS_PORT": str(port), "METRICS_HOST": "127.0.0.1"}
            for port in self.metrics_ports.values()
        )
        self.services = [
            Web(self.run_dir.log("web"), web, self.address.host, self.address.port),
            Worker("worker", self.run_dir.log("worker"), worker),
            Beat("beat", self.run_dir.log("beat"), beat),
        ]
        self.launch(self.services)

    def launch(self, parts: Sequence[Part]) -> None:
        """Start parts side by side and come back when all are ready."""
        for part in parts:
            part.launch()
        self.note_pids()
        wait_ready(parts, 60.0, self.stop.check)

    def note_pids(self) -> None:
        """Write down which process is which part."""
        self.run_dir.write_pids({part.name: part.process.pid for part in self.parts if part.process})

    def supervise(self) -> None:
        """Keep all parts up until Stopped is raised."""
        Supervisor(self.parts, print_line, self.note_pids).run(self.stop)

    def end(self) -> None:
        """Leave no process: first what uses the servers, then the servers."""
        if self.parts:
            print_line("ending; once more Ctrl-C to hurry")
        stop_all(self.services, SERVICES_END_SECONDS, self.stop.impatient)
        stop_all(self.servers[::-1], SERVERS_END_SECONDS)
        processes.clear_leftovers(self.run_dir.path, patience=0.5)
        self.run_dir.write_pids({})

    def say(self, text: str) -> None:
        """Print one step with the time since the start."""
        print_line(f"[{time.monotonic() - self.started:5.1f} s] {text}")


def print_line(text: str) -> None:
    """Print at once, also into a pipe. A terminal that has gone away must not keep us from ending well."""
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115


def main() -> None:
    """Run until told to stop: exit code 0 then, 1 with a sentence when something is in the way."""
    os.chdir(ROOT)
    stop = StopRequest()
    try:
        run_dir = RunDir.from_environment()
        run_dir.take()
        launcher = Launcher(run_dir, Address.from_environment(), stop)
    except Unusable as reason:
        sys.exit(str(reason))
    try:
        launcher.start()
        launcher.supervise()
    except Stopped:
        pass
    except PartFailed as failure:
        print(failure, file=sys.stderr, flush=True)
        sys.exit(1)
    finally:
        launcher.end()


if __name__ == "__main__":
    main()
