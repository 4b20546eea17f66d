"""What files cost: the web process's memory while large ones pass, and its speed beside that of the bare disk.

Run by `make bench`. One web process of the service with config/gunicorn.py. Needs 5 GB of room for a moment.
"""
# ruff: noqa: T201 - its tables are what it is for

import json
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, TypeVar
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from attachments.storage.port import CHUNK_BYTES
from config.devtools.processes import free_port
from config.devtools.services import Web
from config.kernel import clock, development_issuer
from registry import actions as registry_actions
from tests.letters import ORGANIZATION

OWNER, RESOURCE = "991825827", "bench"
API = "/correspondence/api/v1"
BYTES = "application/octet-stream"
BOUNDARY = "bench-boundary"
LARGE, MIDDLE = 2_000_000_000, 500_000_000
IN_FORM = 100_000_000
ROUNDS = 5
MEGABYTE = 1_000_000

Result = TypeVar("Result")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]


@pytest.fixture(autouse=True)
def registry(transactional_db: None) -> None:
    """Committed rows: the server is another process."""
    owner = registry_actions.register_owner(organization_number=OWNER, now=clock.now())
    registry_actions.register_resource(resource_id=RESOURCE, owner=owner, now=clock.now())


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """On a disk, where the service would have it, not in memory as /tmp may be; gone afterwards."""
    place = Path(settings.BASE_DIR) / ".run" / "bench"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def web(django_db_setup: None, folder: Path) -> Iterator[Web]:
    database = urlsplit(settings.DATABASE_URL)._replace(path="/" + connection.settings_dict["NAME"])
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": urlunsplit(database),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "ATTACHMENTS_DIR": str(folder / "attachments"),
        "WEB_WORKERS": "1",
    }
    web = Web(folder / "log", environment, "127.0.0.1", port)
    web.start()
    yield web
    web.stop(10)


@pytest.fixture(scope="module")
def headers() -> dict[str, str]:
    now, hour = clock.now(), timedelta(hours=1)
    return {
        "Authorization": f"Bearer {development_issuer.organization_token(OWNER, scope=None, now=now, lifetime=hour)}"
    }


def test_memory(web: Web, headers: dict[str, str], folder: Path) -> None:
    source = _file(folder / "source", LARGE)
    in_form = _file(folder / "in-form", IN_FORM)
    with closing(_connect(web)) as to:
        _upload(to, headers, _file(folder / "small", MEGABYTE))  # loads what the first request loads
        _send_form(to, headers, folder / "small")
        print(f"\n\n{'memory of the web process, MB':<38}{'before':>9}{'peak':>9}{'more':>9}")
        attachment = _shown("upload of 2 GB", web, lambda: _upload(to, headers, source))
        _shown("download of 2 GB", web, lambda: _download(to, headers, attachment))
        _shown("form with a file of 100 MB", web, lambda: _send_form(to, headers, in_form))
    shutil.rmtree(folder / "attachments")
    for file in (source, in_form):
        file.unlink()


def test_speed(web: Web, headers: dict[str, str], folder: Path) -> None:
    source, attachments = _file(folder / "source", MIDDLE), folder / "attachments"
    with closing(_connect(web)) as to:
        rounds = [_round(to, headers, source, attachments) for _ in range(ROUNDS)]
    source.unlink()
    print(f"\n\n{f'{MIDDLE // MEGABYTE} MB, {ROUNDS} rounds, in turns':<38}{'median':>12}{'times slower':>14}")
    for name, floor in (("dd fsync", ""), ("md5sum", "dd fsync"), ("upload", "dd fsync"), ("form", "dd fsync")):
        _print_speed(name, floor, rounds)
    for name, floor in (("cat", ""), ("download", "cat")):
        _print_speed(name, floor, rounds)


def _round(to: HTTPConnection, headers: dict[str, str], source: Path, attachments: Path) -> dict[str, float]:
    """Seconds of each, in turns, on the same file and the same disk; what was read lies in the page cache."""
    attachments.mkdir(exist_ok=True)
    copy = attachments / "copy"
    times = {}
    times["dd fsync"], _ = _timed(
        lambda: _run("dd", f"if={source}", f"of={copy}", f"bs={CHUNK_BYTES}", "conv=fsync", "status=none")
    )
    copy.unlink()
    times["md5sum"], _ = _timed(lambda: _run("sh", "-c", f"md5sum {source} > /dev/null"))
    times["upload"], attachment = _timed(lambda: _upload(to, headers, source))
    times["cat"], _ = _timed(lambda: _run("sh", "-c", f"cat {source} > /dev/null"))
    times["download"], _ = _timed(lambda: _download(to, headers, attachment))
    times["form"], _ = _timed(lambda: _send_form(to, headers, source))
    shutil.rmtree(attachments)
    return times


def _print_speed(name: str, floor: str, rounds: list[dict[str, float]]) -> None:
    speed = MIDDLE / MEGABYTE / statistics.median(each[name] for each in rounds)
    ratio = f"{statistics.median(each[name] / each[floor] for each in rounds):>14.2f}" if floor else ""
    print(f"{name:<38}{speed:>7.0f} MB/s{ratio}")


def _shown(name: str, web: Web, act: Callable[[], Result]) -> Result:
    """Run it, and print what memory the process had before and at the most."""
    process = _workers_of(web)
    Path(f"/proc/{process}/clear_refs").write_text("5")  # VmHWM begins anew
    before = _memory(process, "VmRSS")
    result = act()
    peak = _memory(process, "VmHWM")
    print(f"{name:<38}{before:>9.1f}{peak:>9.1f}{peak - before:>9.1f}")
    return result


def _workers_of(web: Web) -> int:
    """gunicorn's one worker process."""
    assert web.process is not None
    (worker,) = Path(f"/proc/{web.process.pid}/task/{web.process.pid}/children").read_text().split()
    return int(worker)


def _memory(process: int, line: str) -> float:
    """Megabytes."""
    for each in Path(f"/proc/{process}/status").read_text().splitlines():
        if each.startswith(f"{line}:"):
            return int(each.split()[1]) * 1024 / MEGABYTE
    raise AssertionError(line)


def _file(path: Path, size: int) -> Path:
    """Random bytes, on the disk."""
    block = os.urandom(MEGABYTE)
    with path.open("wb") as file:
        for _ in range(size // MEGABYTE):
            file.write(block)
        os.fsync(file.fileno())
    return path


def _connect(web: Web) -> HTTPConnection:
    return HTTPConnection(web.bind, timeout=300, blocksize=CHUNK_BYTES)


def _call(to: HTTPConnection, method: str, path: str, body: bytes | IO[bytes] | None, headers: dict[str, str]) -> str:
    to.request(method, API + path, body, headers)
    answer = to.getresponse()
    text = answer.read().decode()
    assert answer.status == 200, text
    return text


def _upload(to: HTTPConnection, headers: dict[str, str], source: Path) -> str:
    metadata = {"resourceId": RESOURCE, "fileName": "bench.zip", "sendersReference": "bench"}
    made = _call(
        to, "POST", "/attachment", json.dumps(metadata).encode(), {**headers, "Content-Type": "application/json"}
    )
    attachment = str(json.loads(made))
    length = str(source.stat().st_size)
    with source.open("rb") as file:
        body_headers = {**headers, "Content-Type": BYTES, "Content-Length": length}
        _call(to, "POST", f"/attachment/{attachment}/upload", file, body_headers)
    return attachment


def _download(to: HTTPConnection, headers: dict[str, str], attachment: str) -> None:
    to.request("GET", f"{API}/attachment/{attachment}/download", headers=headers)
    answer = to.getresponse()
    assert answer.status == 200
    room = bytearray(CHUNK_BYTES)
    while answer.readinto(room):
        pass


class _Form:
    """A letter with one file, read as `http.client` reads files."""

    def __init__(self, file: IO[bytes]) -> None:
        texts = {
            "Correspondence.ResourceId": RESOURCE,
            "Correspondence.SendersReference": "bench",
            "Correspondence.Content.MessageTitle": "Vedtak",
            "Correspondence.Content.MessageBody": "Hei.",
            "Correspondence.Content.Attachments[0].FileName": "bench.zip",
            "Correspondence.Content.Attachments[0].SendersReference": "bench",
            "Recipients[0]": ORGANIZATION,
        }
        parts = [self._head(f'name="{name}"') + value.encode() + b"\r\n" for name, value in texts.items()]
        self._before = b"".join([*parts, self._head('name="attachments"; filename="bench.zip"')])
        self._after = f"\r\n--{BOUNDARY}--\r\n".encode()
        self.length = len(self._before) + os.fstat(file.fileno()).st_size + len(self._after)
        self._file = file

    def _head(self, names: str) -> bytes:
        return f"--{BOUNDARY}\r\nContent-Disposition: form-data; {names}\r\n\r\n".encode()

    def __iter__(self) -> Iterator[bytes]:
        yield self._before
        while chunk := self._file.read(CHUNK_BYTES):
            yield chunk
        yield self._after


def _send_form(to: HTTPConnection, headers: dict[str, str], source: Path) -> None:
    with source.open("rb") as file:
        form = _Form(file)
        form_headers = {
            **headers,
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(form.length),
        }
        to.request("POST", f"{API}/correspondence/upload", iter(form), form_headers)
        answer = to.getresponse()
        text = answer.read()
        assert answer.status == 200, text


def _timed(act: Callable[[], Result]) -> tuple[float, Result]:
    start = time.perf_counter()
    result = act()
    return time.perf_counter() - start, result


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
