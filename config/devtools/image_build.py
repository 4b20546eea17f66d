"""Does the Dockerfile's steps as they stand, without an engine (`make image-check`).

Each stage has a root of its own: this machine's files, under a layer that takes all changes.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.devtools.dockerfile import Context, assignments, stages
from config.devtools.run_dir import ROOT

CLONE_NEWUTS = 0x04000000
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Failed(Exception):
    """A step did not end well; the message says which, and what it said."""


@dataclass
class Image:
    """One stage's root, and what its instructions left to be known."""

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    workdir: str = "/"
    user: tuple[int, int] = (0, 0)

    def run(self, command: list[str], **extra: Any) -> subprocess.Popen[bytes]:
        """Start a command in it, as its user."""
        uid, gid = self.user
        hostname = extra.get("environment", {}).get("HOSTNAME")

        def enter() -> None:
            if hostname:  # Celery's workers are told apart by it
                ctypes.CDLL(None).unshare(CLONE_NEWUTS)
                socket.sethostname(hostname)
            os.chroot(self.root)
            os.chdir(self.workdir)
            os.setgroups([])
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
            ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # no-new-privileges

        environment = {**extra.pop("network", {}), **self.environment, **extra.pop("environment", {})}
        return subprocess.Popen(command, env=environment, preexec_fn=enter, start_new_session=True, **extra)


class Builder:
    """Does what the stages say, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.context = Context(ROOT)
        self.built: dict[str, Image] = {}

    def build(self) -> Image:
        """The last stage's image, as the Dockerfile leaves it."""
        for number, stage in enumerate(stages((ROOT / "docker" / "Dockerfile").read_text())):
            image = Image(base_image(self.folder / f"stage-{number}"))
            self.built[stage.name] = image
            for word, argument in stage.steps:
                self._step(image, word, argument)
        return image

    def _step(self, image: Image, word: str, argument: str) -> None:
        started = time.monotonic()
        match word:
            case "ENV":
                image.environment.update(assignments(argument, image.environment))
            case "WORKDIR":
                image.workdir = argument
                (image.root / argument.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "USER":
                uid, _, gid = argument.partition(":")
                image.user = (int(uid), int(gid))
            case "COPY":
                self._copy(image, argument)
            case "RUN":
                self._run(image, argument)
        if word in {"RUN", "COPY"}:
            say(f"{time.monotonic() - started:6.1f} s  {word} {argument[:90]}")

    def _run(self, image: Image, argument: str) -> None:
        # The network's own variables only: proxies, and where packages come from.
        network = {name: value for name, value in os.environ.items() if re.match(r"(?i)PIP_|SSL_|.*_proxy$", name)}
        process = image.run(["sh", "-c", argument], network=network, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = process.communicate()[0].decode(errors="replace")
        if process.returncode:
            raise Failed(f"RUN {argument}\n{said[-3000:]}")

    def _copy(self, image: Image, argument: str) -> None:
        options = [word for word in argument.split() if word.startswith("--")]
        *sources, target = (word for word in argument.split() if not word.startswith("--"))
        for option in options:
            stage = self.built[option.removeprefix("--from=")]
            shutil.copytree(inside(stage.root, sources[0]), inside(image.root, target), symlinks=True)
        if not options:
            into = inside(image.root, str(Path(image.workdir) / target))
            for file in (each for source in sources for each in self.context.files(source)):
                place = into / (file if sources == ["."] else file.name)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / file, place)


def base_image(folder: Path) -> Path:
    """A root that stands for the base image: what is written to it is seen nowhere else."""
    upper, work, root = folder / "upper", folder / "work", folder / "root"
    for each in (upper, work, root):
        each.mkdir(parents=True)
    mount("-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={upper},workdir={work}", str(root))
    for shared in ("proc", "dev"):
        mount("--rbind", f"/{shared}", str(root / shared))
    for name in ("resolv.conf", "hosts"):  # often mounts of their own, which the layer below does not show
        text = (Path("/etc") / name).read_bytes()
        (root / "etc" / name).unlink(missing_ok=True)
        (root / "etc" / name).write_bytes(text)
    stand_in(root)
    return root


def stand_in(root: Path) -> None:
    """Put this machine's Python where the base image has its own, and let every user reach it."""
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    prefix = Path(sys.base_prefix)
    library = Path("lib") / f"python{sys.version_info.major}.{sys.version_info.minor}"
    for parent in inside(root, str(python)).parents:  # it may lie below /root
        if parent != root and parent.is_relative_to(root):
            parent.chmod(parent.stat().st_mode | 0o555)
    links = {"bin/python": python, "bin/python3": python, str(library): prefix / library}
    for name, target in links.items():
        link = root / "usr" / "local" / name
        if link.is_dir() and not link.is_symlink():
            shutil.rmtree(link)
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def inside(root: Path, path: str) -> Path:
    """That path of the image, as this machine names it."""
    return root / path.lstrip("/")


def mount(*words: str) -> None:
    """mount(8), or the reason why not."""
    done = subprocess.run(["mount", *words], capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"mount {' '.join(words)}: {done.stderr.strip()}")


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)
