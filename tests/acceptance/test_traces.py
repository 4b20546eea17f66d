"""Spans, as a collector gets them. They are all sent at the end, so that the shut-down has to flush them."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.acceptance.sender import Sender, new_reference, people
from tests.acceptance.service import Service, running
from tests.acceptance.test_what_the_logs_hold import runs_of_eleven_digits
from tests.acceptance.waiting import until

pytestmark = pytest.mark.e2e

NOT_BEFORE_THE_END = {"OTEL_BSP_SCHEDULE_DELAY": "600000", "WEB_WORKERS": "1", "WORKER_CONCURRENCY": "1"}


class Collector:
    """Takes OTLP over HTTP."""

    def __init__(self) -> None:
        self.bodies: list[ExportTraceServiceRequest] = []
        handler = type("Handler", (_Handler,), {"bodies": self.bodies})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def listening(self) -> Iterator[Collector]:
        Thread(target=self._server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()

    def spans(self) -> list[tuple[str, str, str, dict[str, str]]]:
        """Service, trace id, name and attributes of each."""
        return [
            (
                next(each.value.string_value for each in of.resource.attributes if each.key == "service.name"),
                span.trace_id.hex(),
                span.name,
                {each.key: str(each.value.string_value or each.value.int_value) for each in span.attributes},
            )
            for body in self.bodies
            for of in body.resource_spans
            for scope in of.scope_spans
            for span in scope.spans
        ]


class _Handler(BaseHTTPRequestHandler):
    bodies: list[ExportTraceServiceRequest]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.bodies.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


def test_one_trace_leads_through_web_and_worker_and_tells_nothing_private(tmp_path: Path) -> None:
    secret = secrets.token_hex(8)
    with Collector().listening() as collector:
        service = Service(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, **NOT_BEFORE_THE_END)
        with running(service):
            sender = Sender(service.api_url, service.token)
            # On a busy machine a wake-up may be lost; a sweep then does the work, within a trace of its own.
            traces = [traced_letter(service, sender) for _ in range(3)]
            untraced = sender.post(sender.letter(new_reference()))
            requests.get(sender.url, params={"resourceId": secret}, headers=sender.headers, timeout=10)
            requests.get(f"{sender.url}/{people(1)[0][-11:]}", headers=sender.headers, timeout=10)
            assert collector.bodies == []
        spans, whole = collector.spans(), str(collector.bodies)

    seen = [{(part, name) for part, of, name, _ in spans if of == trace_id} for trace_id in traces]
    for trace in seen:
        assert {
            ("correspondence-web", "POST correspondence/api/v1/correspondence"),
            ("correspondence-web", "apply_async/correspondence.queue_mailing"),
            ("correspondence-web", "INSERT"),
            ("correspondence-worker", "work on what was sent"),
        } <= trace
    woken = {
        ("correspondence-worker", "run/correspondence.queue_mailing"),
        ("correspondence-worker", "run/correspondence.publish_due"),
    }
    assert any(woken <= trace for trace in seen)
    # Log, answer and span agree, also where the sender brings no trace.
    assert untraced.headers["traceparent"].split("-")[1] in {trace for _, trace, _, _ in spans}
    assert secret not in whole
    assert not {urn[-11:] for urn in people(3)} & runs_of_eleven_digits(whole)
    assert not any("'" in attributes.get("db.statement", "") for *_, attributes in spans)


def traced_letter(service: Service, sender: Sender) -> str:
    """The trace of a letter that was sent with one, and is published; its answer names the trace."""
    trace_id = secrets.token_hex(16)
    traced = {"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"}
    answer = sender.post(sender.letter(new_reference(), recipients=3), **traced)
    assert answer.headers["traceparent"].split("-")[1] == trace_id
    until(lambda: published(service, trace_id))
    return trace_id


def published(service: Service, trace_id: str) -> bool:
    return any(
        event["event"] == "correspondences_published" and event.get("trace_id") == trace_id
        for event in service.events("worker")
    )
