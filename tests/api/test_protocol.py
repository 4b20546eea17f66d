"""What is the same for every endpoint: order of checks, headers, CORS, paths (contract http-api.md §2, §8)."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client as DjangoClient

from correspondence.models import Correspondence, Mailing
from tests.clients import ROOT, Client, keys, problem
from tests.letters import letter

BODY = json.dumps(letter()).encode()


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "NONSENSE"])
def test_a_wrong_method_is_told_before_the_token_is_looked_at(stranger: Client, method: str) -> None:
    response = stranger.call(method, "/attachment", b"")

    assert response.status_code == 405
    assert response["Content-Type"] == "application/problem+json"
    assert response["Allow"] == "POST"


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "text/json", "multipart/form-data; boundary=x", "application/json; charset=utf-16"],
)
def test_a_wrong_media_type_is_told_before_the_token_is_looked_at(stranger: Client, content_type: str) -> None:
    assert problem(stranger.call("POST", "/correspondence", BODY, content_type)) == (415, None)


@pytest.mark.parametrize(
    "content_type", ["APPLICATION/JSON", "application/json; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_in_utf_8_is_read_however_its_type_is_written(sender: Client, content_type: str) -> None:
    assert sender.call("POST", "/correspondence", BODY, content_type).status_code == 200


def test_the_token_is_looked_at_before_accept_and_body(stranger: Client) -> None:
    assert problem(stranger.post(b"{", Accept="text/html")) == (401, None)


def test_the_scope_is_looked_at_before_accept_and_body(reader: Client) -> None:
    assert problem(reader.post(b"{", Accept="text/html")) == (403, None)


@pytest.mark.parametrize("accept", ["text/html", "application/*", "text/plain, application/xml;q=0.9"])
def test_accept_is_looked_at_before_the_body(sender: Client, accept: str) -> None:
    assert problem(sender.post(b"{", Accept=accept)) == (406, None)


@pytest.mark.parametrize("accept", ["*/*, application/json", "application/json; q=0.5", "text/html, */*;q=0.1", ""])
def test_an_accept_that_holds_the_type_or_any_is_fine(sender: Client, accept: str) -> None:
    assert sender.post(letter(), Accept=accept).status_code == 200


def test_the_schema_is_looked_at_before_the_rules(sender: Client) -> None:
    assert keys(sender.post(letter(resourceId="nowhere", sendersReference=" "))) == {"Correspondence.SendersReference"}


@pytest.mark.parametrize("path", ["/Correspondence", "/correspondence/", "/CORRESPONDENCE/"])
def test_paths_match_in_any_casing_and_with_a_slash(sender: Client, path: str) -> None:
    assert sender.call("POST", path, BODY).status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/correspondence/a/b", "//correspondence", ""])
def test_an_unknown_path_is_a_problem(stranger: Client, path: str) -> None:
    assert problem(stranger.call("GET", path)) == (404, None)


def test_answers_are_not_stored_and_not_sniffed(sender: Client) -> None:
    for response in (sender.post(letter()), sender.post(b"{")):
        assert response["Cache-Control"] == "no-store"
        assert response["X-Content-Type-Options"] == "nosniff"


def test_the_trace_of_the_caller_goes_on(sender: Client) -> None:
    trace_id = "3f2c9a4e1b7d4f60a1c25e8899aa0b1c"

    response = sender.post(letter(), traceparent=f"00-{trace_id}-7d1e2f3a4b5c6d7e-01")
    refused = sender.post(b"{", traceparent=f"00-{trace_id}-7d1e2f3a4b5c6d7e-01")

    assert response["traceparent"].split("-")[1] == trace_id
    assert Mailing.objects.get().traceparent == response["traceparent"]
    assert refused.json()["traceId"] == refused["traceparent"]


@pytest.mark.parametrize(
    "traceparent", ["", "x", "00-" + "0" * 32 + "-7d1e2f3a4b5c6d7e-01", "ff-" + "1" * 32 + "-" + "1" * 16 + "-01"]
)
def test_a_trace_that_can_not_be_gone_on_with_begins_anew(sender: Client, traceparent: str) -> None:
    trace_id = sender.post(letter(), traceparent=traceparent)["traceparent"].split("-")[1]

    assert len(trace_id) == 32
    assert trace_id not in traceparent


@pytest.fixture
def origins(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://portal.example"]
    settings.CORS_ALLOWED_ORIGIN_REGEXES = [r"^https://[A-Za-z0-9.-]+\.example\.org$"]


@pytest.mark.parametrize("origin", ["https://portal.example", "https://a.b.example.org"])
def test_a_preflight_of_a_configured_origin_is_answered_204(stranger: Client, origins: None, origin: str) -> None:
    response = stranger.call("OPTIONS", "/correspondence", Origin=origin, Access_Control_Request_Method="POST")

    assert response.status_code == 204
    assert response["access-control-allow-origin"] == origin
    assert response["access-control-allow-credentials"] == "true"
    assert response["access-control-allow-methods"] == "GET, POST, DELETE, OPTIONS"
    assert {"authorization", "traceparent"} <= set(response["access-control-allow-headers"].split(", "))


@pytest.mark.parametrize("origin", ["https://other.example", "https://example.org.evil.example", "null"])
def test_other_origins_get_no_cors_headers(sender: Client, origins: None, origin: str) -> None:
    response = sender.post(letter(), Origin=origin)

    assert response.status_code == 200
    assert "access-control-allow-origin" not in response


def test_an_internal_error_is_a_problem_with_its_trace(sender: Client) -> None:
    with connection.cursor() as cursor:  # a fault that no code of ours foresees: a column is gone
        cursor.execute("ALTER TABLE correspondence_mailing RENAME COLUMN title TO gone")

    response = sender.post(letter())

    assert problem(response) == (500, None)
    assert response.json()["instance"] == f"{ROOT}/correspondence"
    assert response.json()["traceId"] == response["traceparent"]


def test_a_production_answer_says_nothing_of_an_internal_error(sender: Client, settings: Any) -> None:
    settings.DEVELOPMENT = False
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE correspondence_mailing RENAME COLUMN title TO gone")

    assert "detail" not in sender.post(letter()).json()


def test_a_host_that_is_not_ours_is_a_problem() -> None:
    response = DjangoClient(raise_request_exception=False).get("/nothing", headers={"Host": "evil.example"})

    assert problem(response) == (400, None)


def test_the_overview_takes_any_form_of_uuid(sender: Client) -> None:
    sender.post(letter())
    uuid = Correspondence.objects.get().id

    for form in (str(uuid), str(uuid).upper(), uuid.hex, f"{{{uuid}}}", f"{uuid}/"):
        assert sender.overview(form).status_code == 200, form


@pytest.mark.parametrize("form", ["x", "123", "0" * 31, "01a20f95-3f06-7124-bbc9-1984be01f9d", "%00", "%ff"])
def test_an_id_that_is_no_uuid_is_named(sender: Client, form: str) -> None:
    assert keys(sender.overview(form)) == {"correspondenceId"}
