"""What a file of 100,000 parties costs in the back-office: seconds and memory, to look at, to store, and again.

Run by `make bench` (fsync off). Asserts that memory is flat, nothing on a clock.
"""
# ruff: noqa: T201 - its table is what it is for

import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from recipients.models import Party
from tests.recipients.importing import organization

LINES = 100_000
MOST_MEGABYTES = 60  # the test's client holds the upload itself, twice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]
IMPORT = "/admin/recipients/party/import/"


def _file(name: str) -> bytes:
    rows = (f"0192:{organization(n)};{name} {n};nei;post{n}@example.no;+47{n:08}\n" for n in range(LINES))
    return ("identifier;name;reserved;email;mobile\n" + "".join(rows)).encode()


@pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
def test_a_hundred_thousand_lines(admin_client: Client) -> None:
    for label, name in (("fresh", "Navn"), ("again", "Navn"), ("all changed", "Nytt")):
        content = _file(name)
        print(f"\n{label}: {len(content) / 1e6:.1f} MB")
        _imported(admin_client, content)
        assert Party.objects.count() == LINES


def _imported(people: Client, content: bytes) -> None:
    upload = SimpleUploadedFile("parties.csv", content)
    where = _measured("brought", lambda: people.post(IMPORT, {"file": upload}))["Location"]
    text = _measured("looked at", lambda: people.get(where)).content.decode()
    seal = text.partition('name="seal" value="')[2].partition('"')[0]
    answer = _measured("stored", lambda: people.post(where, {"seal": seal}))
    assert answer["Location"] == "/admin/recipients/party/"


def _measured(label: str, call: Any) -> Any:
    """The answer; prints how long it took, and by how much the process was larger meanwhile (tracing would be slow)."""
    Path("/proc/self/clear_refs").write_text("5")
    before, started = _peak(), time.monotonic()
    answer = call()
    seconds, megabytes = time.monotonic() - started, _peak() - before
    print(f"  {label:<10}{seconds:6.1f} s {megabytes:6.0f} MB", flush=True)
    assert megabytes < MOST_MEGABYTES
    return answer


def _peak() -> float:
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024
