"""What is no request, too much of one, or two in one: each is answered as a problem, and the service lives on."""

from __future__ import annotations

import json
import re
import secrets
import socket
from urllib.parse import urlsplit

import pytest
import requests

from config.kernel.security_headers import HEADERS
from tests.acceptance.sender import Sender
from tests.acceptance.service import API, Service
from tests.acceptance.waiting import until

pytestmark = pytest.mark.e2e

PERSON = "01818517641"


def raw(service: Service, sent: bytes) -> bytes:
    """Everything that comes back until the service hangs up, or has nothing more to say."""
    address = urlsplit(service.base_url)
    got = b""
    with socket.create_connection((address.hostname or "", address.port or 80), timeout=8) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65_536):
                got += piece
        except OSError:
            return got  # it hung up on what it had not read
    return got


def request(line: str, *fields: str, body: bytes = b"", host: str = "localhost") -> bytes:
    return "\r\n".join([line, *([f"Host: {host}"] if host else []), *fields, "", ""]).encode("latin-1") + body


def statuses(answer: bytes) -> list[int]:
    """Of each answer in what came back."""
    return [int(status) for status in re.findall(rb"^HTTP/1\.1 (\d{3}) ", answer, re.MULTILINE)]


def fields_and_body(answer: bytes) -> tuple[dict[str, str], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}, body


def is_alive(service: Service) -> bool:
    return requests.get(f"{service.base_url}/health/live", timeout=10).status_code == 200


LIVE = "GET /health/live HTTP/1.1"
CHUNKED, LENGTH = "Transfer-Encoding: chunked", "Content-Length: 5"
# What the server refuses before our code sees it: what is sent, and the status.
REFUSED = {
    "no line of a request": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 400),
    "a line with a number in it": (f"GET /?pid={PERSON} x HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(), 400),
    "a method that is none": (request(f"G{{T /?pid={PERSON} HTTP/1.1"), 400),
    "a version that is none": (request(f"GET /?pid={PERSON} HTTP/9.9"), 400),
    "too long a line": (request(f"GET /?pid={PERSON}&a={'a' * 9000} HTTP/1.1"), 414),
    "too long a field": (request(LIVE, f"X-Pid: {PERSON}{'a' * 20_000}"), 431),
    "too many fields": (request(LIVE, *(f"X-{n}: {PERSON}" for n in range(120))), 431),
    "a field without a colon": (request(LIVE, f"pid {PERSON}"), 400),
    "a blank before the colon": (request(LIVE, f"X-Pid : {PERSON}"), 400),
    "a folded field": (request(LIVE, "X-Pid: a", f" {PERSON}"), 400),
    "a NUL in a field": (request(LIVE, f"X-Pid: {PERSON}\x00"), 400),
    "a lone CR in a field": (request(LIVE, f"X-Pid: a\rX-Other: {PERSON}"), 400),
    "a length and chunks": (request("POST / HTTP/1.1", LENGTH, CHUNKED, body=b"0\r\n\r\n"), 400),
    "two lengths": (request("POST / HTTP/1.1", LENGTH, "Content-Length: 6", body=b"abcdef"), 400),
    "two lengths in one": (request("POST / HTTP/1.1", "Content-Length: 5, 5", body=b"abcde"), 400),
    "a length below nothing": (request("POST / HTTP/1.1", "Content-Length: -5", body=b"abcde"), 400),
    "a length with a sign": (request("POST / HTTP/1.1", "Content-Length: +5", body=b"abcde"), 400),
    "chunks twice": (request("POST / HTTP/1.1", CHUNKED, CHUNKED, body=b"0\r\n\r\n"), 400),
    "chunks within chunks": (request("POST / HTTP/1.1", f"{CHUNKED}, chunked", body=b"0\r\n\r\n"), 400),
    "a coding of its own": (request("POST / HTTP/1.1", "Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), 501),
    "chunks in HTTP/1.0": (request("POST / HTTP/1.0", CHUNKED, body=b"0\r\n\r\n"), 400),
    "an expectation": (request(LIVE, f"Expect: {PERSON}"), 417),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_request_is_a_problem_that_repeats_nothing(service: Service, name: str) -> None:
    sent, status = REFUSED[name]

    answer = raw(service, sent)

    assert statuses(answer) == [status]
    fields, body = fields_and_body(answer)
    assert fields["content-type"] == "application/problem+json"
    assert {name: fields.get(name.lower()) for name in HEADERS} == HEADERS
    assert fields["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert json.loads(body)["status"] == status
    assert PERSON.encode() not in answer
    assert is_alive(service)


@pytest.mark.parametrize("how", ["no line of a request", "an unknown path", "the API", "the back-office", "a host"])
def test_what_a_query_held_is_in_no_log(service: Service, how: str) -> None:
    """A person's number would be masked; what else people write into addresses is not known to anybody."""
    secret, path = secrets.token_hex(10), f"/nothing-{secrets.token_hex(8)}"
    query = f"?pid={PERSON}&q={secret}"
    sent = {
        "no line of a request": f"GET /{query} x HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
        "an unknown path": request(f"GET /a{query} HTTP/1.1"),
        "the API": request(f"GET {API}/correspondence{query} HTTP/1.1"),
        "the back-office": request(f"GET /admin/login/{query}%00 HTTP/1.1"),
        "a host": request(f"GET /{query} HTTP/1.1", host="evil.example"),
    }[how]

    assert statuses(raw(service, sent))[0] >= 400
    raw(service, request(f"GET {path} HTTP/1.1"))  # written after whatever was written before

    until(lambda: any(event.get("path") == path for event in service.events("web")))
    assert {log for log, text in service.logs().items() if secret in text} == set()
    assert PERSON not in service.logs()["web.log"]


# What a proxy and the service could read in two ways: where one request ends. The second must never be answered.
SECOND = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
SMUGGLED = {
    "behind chunks that a length denies": request(
        "POST / HTTP/1.1", "Content-Length: 4", CHUNKED, body=b"0\r\n\r\n" + SECOND
    ),
    "behind a coding with a tab": request(
        "POST / HTTP/1.1", LENGTH, "Transfer-Encoding:\tchunked", body=b"0\r\n\r\n" + SECOND
    ),
    "behind a coding with a blank": request(
        "POST / HTTP/1.1", LENGTH, "Transfer-Encoding : chunked", body=b"0\r\n\r\n" + SECOND
    ),
    "behind a coding in an underscore": request(
        "POST / HTTP/1.1", f"Content-Length: {len(SECOND)}", "Transfer_Encoding: chunked", body=SECOND
    ),
    "behind a size with a tail": request("POST / HTTP/1.1", CHUNKED, body=b"0x0\r\n\r\n" + SECOND),
    "behind a size with an extension of line feeds": request(
        "POST / HTTP/1.1", CHUNKED, body=b"2;\nxx\r\nab\r\n0\r\n\r\n" + SECOND
    ),
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_no_second_request_hides_in_the_body_of_a_first(service: Service, name: str) -> None:
    answer = raw(service, SMUGGLED[name])

    assert len(statuses(answer)) <= 1  # none where the connection was reset over what was left unread
    assert b'"Healthy"' not in answer
    assert is_alive(service)


@pytest.mark.parametrize(
    "field",
    ["X-Forwarded-Proto: https", "X_Forwarded_Proto: https", "X-Forwarded-Ssl: on", "X-Forwarded-Protocol: ssl"],
)
def test_a_client_does_not_say_that_it_came_by_tls(service: Service, field: str) -> None:
    """Even from this machine: BEHIND_TLS_PROXY is off. A form without a Referer shows it: over TLS it is refused."""
    form = b"csrfmiddlewaretoken=" + b"a" * 32
    fields = (field, COOKIE, URLENCODED, f"Content-Length: {len(form)}")
    answer = raw(service, request("POST /admin/logout/ HTTP/1.1", *fields, body=form))

    assert statuses(answer) == [200]


@pytest.mark.parametrize(
    ("line", "host", "status"),
    [
        ("GET http://evil.example/health/live HTTP/1.1", "localhost", 200),  # the target's host is not looked at
        ("GET /health/live HTTP/1.1", "evil.example", 400),
        ("GET http://localhost/health/live HTTP/1.1", "evil.example", 400),
        ("GET /health/live HTTP/1.1", "localhost@evil.example", 400),
        ("GET /health/live HTTP/1.1", "localhost, evil.example", 400),
        ("GET /health/live HTTP/1.1", "localhost\r\nHost: evil.example", 400),
    ],
)
def test_only_our_own_hosts_are_answered(service: Service, line: str, host: str, status: int) -> None:
    path = line.replace("/health/live", "/nothing")  # health needs no host of ours; whatever asks for it does

    assert statuses(raw(service, request(path, host=host))) == [404 if status == 200 else 400]


def test_x_forwarded_host_is_not_looked_at(service: Service) -> None:
    fields, _ = fields_and_body(raw(service, request("GET /admin/ HTTP/1.1", "X-Forwarded-Host: evil.example")))

    assert "evil.example" not in fields["location"]


def test_several_authorization_fields_are_no_token(service: Service, sender: Sender) -> None:
    token = f"Authorization: {sender.headers['Authorization']}"

    for fields in ([token, "Authorization: Bearer x"], ["Authorization: Bearer x", token], [token, token]):
        assert statuses(raw(service, request(f"GET {API}/correspondence HTTP/1.1", *fields))) == [401]


@pytest.mark.parametrize("name", ["Platform_Access_Token", "PlatformAccessToken_", "Authorization_"])
def test_a_token_in_a_field_of_another_name_is_none(service: Service, sender: Sender, name: str) -> None:
    field = f"{name}: {sender.headers['Authorization']}"

    assert statuses(raw(service, request(f"GET {API}/correspondence HTTP/1.1", field))) == [401]


def test_a_static_file_says_to_browsers_what_every_answer_says_and_no_answer_tells_a_version(service: Service) -> None:
    for path in ("/static/admin/css/base.css", "/health/live", "/nothing"):
        response = requests.get(service.base_url + path, timeout=10)

        assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert re.search(r"[0-9]", response.headers["Server"]) is None


# --- forms of the back-office: no token is needed to send one --------------------------------------------------------

LOGIN = "POST /admin/login/ HTTP/1.1"
COOKIE = f"Cookie: csrftoken={'a' * 32}"  # with one, the form is read before anything else is looked at
URLENCODED = "Content-Type: application/x-www-form-urlencoded"
MULTIPART = "Content-Type: multipart/form-data; boundary=b"
FILE = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("fields", "body", "status"),
    [
        ([URLENCODED, f"Content-Length: {5 * MEBIBYTE}"], b"a=" + b"a" * (5 * MEBIBYTE - 2), 413),
        ([URLENCODED, CHUNKED], b"300000\r\n" + b"a" * 0x300000 + b"\r\n0\r\n\r\n", 413),
        ([MULTIPART, f"Content-Length: {5 * MEBIBYTE}"], FILE + b"a" * (5 * MEBIBYTE - len(FILE)), 413),
        ([URLENCODED, "Content-Length: 100"], b"a=b", 400),
        ([URLENCODED, "Content-Length: 8000"], b"&".join([b"a=1"] * 2000) + b"&", 400),
    ],
    ids=["too much", "too much in chunks", "too large a file", "broken off", "too many values"],
)
def test_a_form_of_the_back_office_is_bounded(service: Service, fields: list[str], body: bytes, status: int) -> None:
    answer = raw(service, request(LOGIN, COOKIE, *fields, body=body))

    assert statuses(answer) == [status]
    assert is_alive(service)


def test_forms_of_the_back_office_that_never_come_hold_nobody_up(service: Service) -> None:
    address = urlsplit(service.base_url)
    begun = request(LOGIN, COOKIE, URLENCODED, "Content-Length: 100", body=b"a")
    held = [socket.create_connection((address.hostname or "", address.port or 80)) for _ in range(80)]
    try:
        for connection in held:
            connection.sendall(begun)

        assert requests.get(f"{service.base_url}/health/live", timeout=30).status_code == 200
    finally:
        for connection in held:
            connection.close()
