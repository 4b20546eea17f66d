"""`make audit` with the real pip-audit, asking a database that speaks as OSV does."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from config.devtools import audit
from tests.docs.variables import ROOT

NOWHERE = "http://127.0.0.1:1/v1/query"


class Advisories(BaseHTTPRequestHandler):
    """Knows something about Django, if it is told so."""

    about_django: dict[str, Any] = {}

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(self.about_django if asked["package"]["name"] == "django" else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def advisories() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()
        Advisories.about_django = {}


def run(url: str) -> Any:
    command = [sys.executable, "-m", "config.devtools.audit", "-s", "osv", "--osv-url", url, "--timeout", "5"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)


def test_it_is_content_when_nothing_is_known(advisories: str) -> None:
    done = run(advisories)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Nothing is known about any of the ")


def test_it_names_what_is_known_and_fails(advisories: str) -> None:
    Advisories.about_django = {
        "vulns": [
            {
                "id": "PYSEC-2099-1",
                "modified": "2099-01-01T00:00:00Z",
                "published": "2099-01-01T00:00:00Z",
                "summary": "x",
                "affected": [
                    {
                        "package": {"name": "django", "ecosystem": "PyPI"},
                        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
                    }
                ],
            }
        ]
    }
    done = run(advisories)

    assert done.returncode == 1
    assert "PYSEC-2099-1, mended in 99.0" in done.stdout
    assert "Something is known about 1 packages" in done.stderr


def test_it_never_looks_clean_when_the_database_is_out_of_reach() -> None:
    done = run(NOWHERE)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("NOT AUDITED: nothing was learnt about ")


def test_a_package_that_nobody_was_asked_about_is_missing() -> None:
    lock = "django==5.2.19 \\\n    --hash=x\ncelery==5.7.0\ntzdata==1 ; sys_platform == 'win32'\n"
    answer = json.dumps(
        {"dependencies": [{"name": "django", "version": "5.2.19", "vulns": []}, {"name": "celery", "skip_reason": "x"}]}
    )

    assert audit.read(answer, lock).missing == {"celery"}
    assert audit.read("", lock).missing == {"django", "celery"}
