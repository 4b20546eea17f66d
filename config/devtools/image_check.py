"""`make image-check`: builds what docker/Dockerfile says and runs what docker/compose.yaml starts, without an engine.

Every step of the Dockerfile is done as it stands, in a root of its own for each stage: this machine's files under a
layer that takes all changes (overlayfs), with this machine's Python in the place of the base image's. The services then
run as the image's user on that root made read only, with the compose file's commands, variables and tmpfs, in a network
that holds nothing but a PostgreSQL and a Valkey; their health checks are asked, and a letter is sent. Needs root.

What that cannot show: that the base image is as this machine is, and how an engine reads these files.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jwt
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from config.devtools.dockerfile import stages
from config.devtools.image_build import Builder, Failed, Image, inside, mount, say
from config.devtools.run_dir import ROOT
from config.devtools.servers import Postgres, Valkey
from config.devtools.test import servers
from config.devtools.welcome import API, RESOURCE, SENDER, letter

INSIDE = "CORRESPONDENCE_IMAGE_CHECK"
CLONE_NEWNET = 0x40000000
KEY_FILE = "/etc/correspondence/issuer.pem"
ISSUER = "https://issuer.example/"
PATIENCE_SECONDS = 90.0
LASTING = ("web", "worker", "scanworker", "beat")


class Compose:
    """Our services of docker/compose.yaml, as they are without a profile."""

    def __init__(self, image: Image, logs: Path, filled_in: Mapping[str, str]) -> None:
        document = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())
        ours = document["x-service"]["image"]
        self.services = {
            name: part
            for name, part in document["services"].items()
            if part["image"] == ours and not part.get("profiles")
        }
        self.image, self.logs, self.filled_in = image, logs, filled_in
        self.command = stages((ROOT / "docker" / "Dockerfile").read_text())[-1].command()
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def prepare(self) -> None:
        """Make the root read only, but for tmpfs and volumes, which are mounted as the compose file says."""
        uid, gid = self.image.user
        mount("-o", "remount,ro", str(self.image.root))
        (part,) = {json.dumps(part["tmpfs"]) for part in self.services.values()}
        for target, _, options in (each.partition(":") for each in json.loads(part)):
            mount("-t", "tmpfs", "-o", options, "tmpfs", str(inside(self.image.root, target)))
        mounts = {tuple(each.split(":")) for part in self.services.values() for each in part["volumes"]}
        for target in {target for source, target, *_ in mounts if not source.startswith("./")}:
            options = f"uid={uid},gid={gid},mode=0700"  # a new volume takes them over from the image's folder
            mount("-t", "tmpfs", "-o", options, "tmpfs", str(inside(self.image.root, target)))

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start the service; what it says goes to a log."""
        words = [self._fill_in(word) for word in self.services[name].get("command", self.command)]
        with (self.logs / f"{name}.log").open("wb") as log:
            self.running[name] = self.image.run(words, environment=self.environment_of(name), stdout=log, stderr=log)
        return self.running[name]

    def is_healthy(self, name: str) -> bool:
        """Ask the service's own health check."""
        kind, *words = self.services[name]["healthcheck"]["test"]
        words = [self._fill_in(word).replace("$$", "$") for word in words]
        command = ["sh", "-c", *words] if kind == "CMD-SHELL" else words
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return self.image.run(command, environment=self.environment_of(name), **quiet).wait() == 0

    def end(self) -> dict[str, int | None]:
        """End all as an engine does, each within its grace; the exit codes, None of one that had to be killed."""
        codes: dict[str, int | None] = {}
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for name, process in self.running.items():
            grace = float(str(self.services[name].get("stop_grace_period", "10s")).rstrip("s"))
            try:
                codes[name] = process.wait(grace)
            except subprocess.TimeoutExpired:
                codes[name] = None
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        return codes

    def log(self, name: str) -> str:
        """The end of what it said."""
        return (self.logs / f"{name}.log").read_text(errors="replace")[-3000:]

    def environment_of(self, name: str) -> dict[str, str]:
        """Its variables, with the two servers in place of the compose file's."""
        given = {key: self._fill_in(str(value)) for key, value in self.services[name]["environment"].items()}
        replaced = {key: self.filled_in[key] for key in ("DATABASE_URL", "REDIS_URL")}
        # Containers have a name and a network each; here they share one, so each is scraped at a port of its own.
        port = int(given["METRICS_PORT"]) + list(self.services).index(name)
        return {**given, **replaced, "HOSTNAME": name, "METRICS_PORT": str(port)}

    def _fill_in(self, text: str) -> str:
        return re.sub(
            r"\$\{(\w+)(?:(:?-)([^}]*)|:\?[^}]*)?\}", lambda match: self.filled_in.get(match[1], match[3] or ""), text
        )


def an_own_network() -> None:
    """From here on this process and its children reach each other, and nobody else."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET):
        raise Failed(f"no network of its own: {os.strerror(ctypes.get_errno())}")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def key_pair() -> tuple[str, str]:
    """A key to sign tokens with, and the public one, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def variables(postgres: Postgres, valkey: Valkey) -> dict[str, str]:
    """What an operator puts into docker/.env, and the two servers."""
    issuer = {"issuer": ISSUER, "kind": "altinn", "algorithm": "RS256", "key_file": KEY_FILE}
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "POSTGRES_PASSWORD": "in DATABASE_URL",
        "ALLOWED_HOSTS": "post.example.no",
        "BEHIND_TLS_PROXY": "true",
        "MALWARE_SCANNER": "none",
        "TRUSTED_ISSUERS": json.dumps([issuer]),
        "DATABASE_URL": postgres.url,
        "REDIS_URL": valkey.url,
    }


def ask(path: str, token: str = "", body: str | None = None) -> Any:
    """What the web service answers behind its TLS proxy.

    Raises:
        Failed: it is no 200; the text says what it is.
    """
    headers = {"Host": "post.example.no", "X-Forwarded-Proto": "https", "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(
        f"http://127.0.0.1:8000{path}", data=body.encode() if body else None, headers=headers
    )
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            text = answer.read()
    except OSError as error:
        raise Failed(f"{path}: {error}") from error
    return json.loads(text) if text.startswith(b"{") else text


def until(what: str, holds: Any) -> float:
    """Wait; answers the seconds that it took."""
    started = time.monotonic()
    while not holds():
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise Failed(f"{what}: not within {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.5)
    return time.monotonic() - started


def run(compose: Compose, private_key: str) -> None:
    """Start it all in the compose file's order, ask every health check, send a letter, and end it."""
    finish(compose.start("migrate"), lambda: compose.log("migrate"))
    del compose.running["migrate"]
    register = ["python", "manage.py", "register_resource", RESOURCE, "--owner", SENDER]
    finish(compose.image.run(register, environment=compose.environment_of("web")), lambda: "register_resource")
    for name in LASTING:
        compose.start(name)
    for name in LASTING:
        took = until(f"{name} is healthy", lambda name=name: _alive(compose, name) and compose.is_healthy(name))
        say(f"{took:6.1f} s  until {name} is healthy")
    send(private_key)
    if ask("/static/admin/css/base.css") == b"":
        raise Failed("no static files")
    for name, process in compose.running.items():
        if "correspondence_" not in figures(compose, name):
            raise Failed(f"{name} tells Prometheus nothing")
        say(f"           {name}: {memory(process.pid)} MB in all its processes")
    end(compose)


def finish(process: subprocess.Popen[bytes], said: Callable[[], str]) -> None:
    """Wait until a job is done, and done well."""
    if process.wait():
        raise Failed(said())


def end(compose: Compose) -> None:
    """End all as an engine does; nobody has to be killed, and no health check speaks well of the dead."""
    codes = compose.end()
    say(f"           ended: {codes}")
    if set(codes.values()) != {0}:
        raise Failed(f"not all ended by themselves: {codes}")
    # Beat's tells only after a minute.
    if well := [name for name in ("web", "worker") if compose.is_healthy(name)]:
        raise Failed(f"they have ended, and their health checks say otherwise: {well}")


def figures(compose: Compose, name: str) -> str:
    """What the service tells Prometheus."""
    address = f"http://127.0.0.1:{compose.environment_of(name)['METRICS_PORT']}/metrics"
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=10) as answer:
        return str(answer.read().decode())


def _alive(compose: Compose, name: str) -> bool:
    if compose.running[name].poll() is not None:
        raise Failed(f"{name} ended\n{compose.log(name)}")
    return True


def send(private_key: str) -> None:
    """A letter goes out, by a token of the issuer that the variables name."""
    now = int(time.time())
    claims = {"iss": ISSUER, "iat": now, "exp": now + 600, "scope": "altinn:correspondence.write"}
    token = jwt.encode({**claims, "urn:altinn:orgNumber": SENDER}, private_key, algorithm="RS256")
    (stored,) = ask(f"{API}/correspondence", token, letter())["correspondences"]
    path = f"{API}/correspondence/{stored['correspondenceId']}"
    took = until("the letter is published", lambda: ask(path, token)["status"] == "Published")
    say(f"{took:6.1f} s  until a letter is published")


def memory(leader: int) -> int:
    """What all processes of this session share and hold, in MB (PSS)."""
    kilobytes = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getsid(int(folder.name)) == leader:
                found = re.search(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)
                kilobytes += int(found[1]) if found else 0
    return kilobytes // 1024


def size(folder: Path) -> int:
    """What lies in a folder, in MB."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir()) // 1_000_000


@contextlib.contextmanager
def throw_away_folder() -> Iterator[Path]:
    """A folder that is gone afterwards, with what is mounted below it."""
    folder = Path(tempfile.mkdtemp(prefix="correspondence-image-"))
    try:
        yield folder
    finally:
        for line in reversed(Path("/proc/self/mounts").read_text().splitlines()):
            if line.split()[1].startswith(str(folder)):
                subprocess.run(["umount", "--lazy", line.split()[1]], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def check() -> None:
    """Build, then run."""
    private, public = key_pair()
    with throw_away_folder() as folder:
        image = Builder(folder).build()
        inside(image.root, KEY_FILE).parent.mkdir(parents=True)
        inside(image.root, KEY_FILE).write_text(public)
        for name in ("venv", "app"):
            say(f"           /{name}: {size(image.root / name)} MB")
        an_own_network()
        with servers(folder) as (postgres, valkey):
            compose = Compose(image, folder, variables(postgres, valkey))
            compose.prepare()
            try:
                run(compose, private)
            finally:
                compose.end()


def main() -> None:
    """End with exit code 0, or with what is wrong."""
    if os.geteuid():
        sys.exit("make image-check mounts file systems and changes users: it needs root.")
    if INSIDE not in os.environ:
        words = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", "config.devtools.image_check"]
        os.execvpe(words[0], words, {**os.environ, INSIDE: "1"})
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        check()
    except Failed as failure:
        sys.exit(f"image-check failed: {failure}")
    say("The image builds, runs read only as its user, and publishes.")


if __name__ == "__main__":
    main()
